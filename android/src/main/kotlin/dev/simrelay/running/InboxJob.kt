package dev.simrelay.running

import android.app.job.JobParameters
import android.app.job.JobService
import dev.simrelay.App

/**
 * Looks for messages that no broadcast told of. It needs neither the service nor the network: what it
 * finds is kept, and delivered by whoever delivers.
 */
class InboxJob : JobService() {
    private val app get() = App.of(this)

    override fun onStartJob(parameters: JobParameters): Boolean {
        // Not on the thread of starts and stops: a long store must not keep those waiting.
        app.workers.intake("the look at the phone's messages") {
            try {
                look(parameters)
            } finally {
                jobFinished(parameters, false)
            }
        }
        return true
    }

    private fun look(parameters: JobParameters) {
        try {
            app.inboxScan.look()
        } finally {
            // Before the end of this run, so that the platform hands over what changed during it.
            if (parameters.jobId == InboxJobs.CHANGED && app.preferences.wanted) app.inboxJobs.watch()
        }
    }

    /** The platform wants its time back. What was read so far is kept, and the rest is read another time. */
    override fun onStopJob(parameters: JobParameters): Boolean = true
}

package dev.simrelay.running

import android.app.job.JobParameters
import android.app.job.JobService
import dev.simrelay.App
import dev.simrelay.logFailure
import java.util.concurrent.ConcurrentHashMap
import java.util.concurrent.Future

/**
 * Delivers what is due, without the service and without the API, and ends when nothing is due any more.
 * What falls due later has its alarm.
 */
class DrainJob : JobService() {
    private val app get() = App.of(this)

    /** By the job's id: several may run at a time, and they share the core. */
    private val running = ConcurrentHashMap<Int, Run>()

    override fun onStartJob(parameters: JobParameters): Boolean {
        // The service delivers; two would only stop each other. After the owner's Stop nobody does.
        if (app.starter.running || !app.preferences.wanted) return false
        val run = Run(parameters)
        running[parameters.jobId] = run
        app.workers.control("the job", run::begin)
        return true
    }

    /** The platform wants its time back: the rest another time. */
    override fun onStopJob(parameters: JobParameters): Boolean {
        val run = running.remove(parameters.jobId) ?: return false
        app.workers.control("the end of the job", run::end)
        return true
    }

    private inner class Run(private val parameters: JobParameters) {
        private var quiet: Future<*>? = null
        private var online = false
        private val listener: (Boolean) -> Unit = { pending -> if (pending) busy() else awaitQuiet() }

        fun begin() {
            try {
                online = app.device.network.tell().online
                app.core.start(serveApi = false)
            } catch (error: Throwable) {
                logFailure("the job could not start the core", error)
                app.state.failed(error)
                finished(again = true)
                return
            }
            app.state.recovered()
            lookForMms()
            app.wakeLock.handedOver()
            app.deliveries.listen(listener)
            listener(app.deliveries.pending)
        }

        private fun lookForMms() {
            try {
                app.mms.tellWhole()?.let(app.jobs::lookAgain)
            } catch (error: Throwable) {
                logFailure("the MMS could not be read", error)
            }
        }

        @Synchronized
        private fun busy() {
            quiet?.cancel(false)
        }

        /** The core needs a moment to say that something is due; and what is done may free what waited. */
        @Synchronized
        private fun awaitQuiet() {
            quiet?.cancel(false)
            quiet = app.workers.after(QUIET_MILLIS) { app.workers.control("the end of the job") { finished(again = false) } }
        }

        private fun finished(again: Boolean) {
            try {
                if (!again && needsInternet()) app.jobs.awaitInternet(running.keys)
            } finally {
                end()
                jobFinished(parameters, again)
            }
        }

        /** What waits for internet has no alarm, so that without a job it would wait for the next message. */
        private fun needsInternet(): Boolean {
            if (app.starter.running || !app.preferences.wanted) return false
            val status = app.core.status() ?: return false
            // The core was told once, so that internet that came since counts for nothing.
            return status.pending > 0 && status.internetRequired && !(online && app.device.network.read().online)
        }

        /** Unless the service took over meanwhile, or another job goes on. */
        fun end() {
            busy()
            app.deliveries.forget(listener)
            running.remove(parameters.jobId, this)
            if (!app.starter.running && running.isEmpty()) app.core.stop()
        }
    }

    private companion object {
        const val QUIET_MILLIS = 3_000L
    }
}

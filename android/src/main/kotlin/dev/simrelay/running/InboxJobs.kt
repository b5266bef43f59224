package dev.simrelay.running

import android.app.job.JobInfo
import android.app.job.JobInfo.TriggerContentUri
import android.app.job.JobScheduler
import android.content.ComponentName
import android.provider.Telephony.Sms
import android.util.Log
import dev.simrelay.App
import dev.simrelay.TAG
import dev.simrelay.service

/** Plans [InboxJob], while the owner wants the gateway to run. */
class InboxJobs(private val app: App) {
    private val scheduler = app.service<JobScheduler>()

    /** Every hour, and after the phone's messages change. What is planned already stays as it is. */
    fun plan() {
        if (scheduler.getPendingJob(HOURLY) == null) {
            schedule(job(HOURLY).setPeriodic(HOUR_MILLIS).setPersisted(true))
        }
        if (scheduler.getPendingJob(CHANGED) == null) watch()
    }

    /**
     * Once, after the next change. A job of this kind is spent by its run and cannot survive a reboot.
     * Before a message is a minute old its broadcast may still be on its way.
     */
    fun watch() = schedule(
        job(CHANGED)
            .addTriggerContentUri(TriggerContentUri(Sms.CONTENT_URI, TriggerContentUri.FLAG_NOTIFY_FOR_DESCENDANTS))
            .setTriggerContentUpdateDelay(SETTLED_MILLIS)
            .setTriggerContentMaxDelay(2 * SETTLED_MILLIS),
    )

    /** Once, when what came in just now is old enough: after a boot, or when the app was gone. */
    fun soon() = schedule(job(SOON).setMinimumLatency(SETTLED_MILLIS).setOverrideDeadline(3 * SETTLED_MILLIS))

    /** The owner wants the gateway to stop. */
    fun cancel() = listOf(HOURLY, CHANGED, SOON).forEach(scheduler::cancel)

    private fun job(id: Int) = JobInfo.Builder(id, ComponentName(app, InboxJob::class.java))

    private fun schedule(job: JobInfo.Builder) {
        if (scheduler.schedule(job.build()) != JobScheduler.RESULT_SUCCESS) {
            Log.e(TAG, "the platform refuses a job for the phone's messages; the next start tries again")
        }
    }

    companion object {
        const val HOURLY = 11
        const val CHANGED = 12
        const val SOON = 13
        const val HOUR_MILLIS = 3_600_000L

        /** A little more than the core leaves a message to its broadcast. */
        const val SETTLED_MILLIS = 65_000L
    }
}

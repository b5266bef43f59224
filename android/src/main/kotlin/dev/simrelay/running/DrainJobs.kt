package dev.simrelay.running

import android.app.job.JobInfo
import android.app.job.JobInfo.TriggerContentUri
import android.app.job.JobScheduler
import android.content.ComponentName
import android.net.Uri
import android.provider.Telephony.Mms
import android.util.Log
import dev.simrelay.App
import dev.simrelay.Platform
import dev.simrelay.TAG
import dev.simrelay.service

/** Plans [DrainJob]: what stands in for the service where the platform refuses it. */
class DrainJobs(private val app: App) {
    private val scheduler = app.service<JobScheduler>()

    /** Deliver what waits, as soon as may be. Survives a reboot. */
    fun drain() {
        val internet = needsInternet()
        plan(DRAIN, internet)
        // An SMS needs no internet, so what waits to be sent does not wait for the other job.
        if (internet && app.core.status()?.unsent == true) plan(SEND, internet = false)
    }

    /**
     * Deliver what is left, once there is internet. A job of that id that runs would be ended by planning it,
     * so that two ids take turns. With both among [running] the other one goes on, and comes here itself.
     */
    fun awaitInternet(running: Set<Int>) {
        val id = listOf(DRAIN, AWAIT_INTERNET).firstOrNull { it !in running } ?: return
        plan(id, internet = true)
    }

    private fun plan(id: Int, internet: Boolean) {
        val expedited = Platform.expedited(draining(id, internet))?.build()
        if (expedited != null && scheduler.schedule(expedited) == JobScheduler.RESULT_SUCCESS) return
        // Expedited jobs have a quota. An ordinary one has none, but on Android 8 must wait for something.
        val ordinary = draining(id, internet)
        if (!internet) ordinary.setOverrideDeadline(0)
        if (scheduler.schedule(ordinary.build()) != JobScheduler.RESULT_SUCCESS) {
            Log.e(TAG, "the platform refuses the job too; the next message or alarm tries again")
        }
    }

    /** Look for an MMS when the provider changes. Such a job cannot survive a reboot. */
    fun awaitMms() {
        val job = JobInfo.Builder(AWAIT_MMS, ComponentName(app, DrainJob::class.java))
            .addTriggerContentUri(TriggerContentUri(Mms.CONTENT_URI, TriggerContentUri.FLAG_NOTIFY_FOR_DESCENDANTS))
            .addTriggerContentUri(TriggerContentUri(MMS_SMS, TriggerContentUri.FLAG_NOTIFY_FOR_DESCENDANTS))
            .setTriggerContentMaxDelay(MOST_DELAY_MILLIS)
            .build()
        scheduler.schedule(job)
    }

    /** Look for an MMS again: it was not whole. */
    fun lookAgain(inMillis: Long) {
        val job = JobInfo.Builder(LOOK_AGAIN, ComponentName(app, DrainJob::class.java))
            .setMinimumLatency(inMillis)
            .setOverrideDeadline(inMillis + MOST_DELAY_MILLIS)
            .setPersisted(true)
            .build()
        scheduler.schedule(job)
    }

    /** The service runs and does all this itself. */
    fun cancel() = JOBS.forEach(scheduler::cancel)

    /** Without internet, where it is required, attempts would only wait, and the job end with nothing done. */
    private fun draining(id: Int, internet: Boolean): JobInfo.Builder {
        val job = JobInfo.Builder(id, ComponentName(app, DrainJob::class.java)).setPersisted(true)
        return if (internet) job.setRequiredNetworkType(JobInfo.NETWORK_TYPE_ANY) else job
    }

    /** Not while something is still to be opened, brought up to date or taken in: that needs no network. */
    private fun needsInternet(): Boolean = try {
        app.spool.isEmpty() && app.core.status()?.internetRequired ?: false
    } catch (error: RuntimeException) {
        Log.w(TAG, "the core does not say how it does", error)
        false
    }

    companion object {
        const val DRAIN = 1
        const val AWAIT_MMS = 2
        const val LOOK_AGAIN = 3
        const val SEND = 4
        const val AWAIT_INTERNET = 5
        private val JOBS = listOf(DRAIN, AWAIT_MMS, LOOK_AGAIN, SEND, AWAIT_INTERNET)
        private val MMS_SMS: Uri = Uri.parse("content://mms-sms/")
        private const val MOST_DELAY_MILLIS = 10_000L
    }
}

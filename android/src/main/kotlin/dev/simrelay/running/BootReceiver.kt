package dev.simrelay.running

import android.content.BroadcastReceiver
import android.content.Context
import android.content.Intent
import android.content.Intent.ACTION_BOOT_COMPLETED
import android.content.Intent.ACTION_MY_PACKAGE_REPLACED
import android.content.Intent.ACTION_TIMEZONE_CHANGED
import android.content.Intent.ACTION_TIME_CHANGED
import android.util.Log
import dev.simrelay.App
import dev.simrelay.TAG

/**
 * The phone booted, the app was updated, or the clock or its zone was set. All of these come from the
 * system alone, so that the receiver is not exported.
 */
class BootReceiver : BroadcastReceiver() {
    override fun onReceive(context: Context, intent: Intent) {
        val app = App.of(context)
        val broadcast = goAsync()
        app.workers.intake("${intent.action}") {
            try {
                take(app, intent.action)
            } finally {
                broadcast.finish()
            }
        }
    }

    private fun take(app: App, action: String?) {
        when (action) {
            ACTION_BOOT_COMPLETED -> {
                Log.i(TAG, BootCount.take(app).words)
                planInboxJobs(app)
            }
            ACTION_MY_PACKAGE_REPLACED -> {
                Log.i(TAG, "the app was updated")
                planInboxJobs(app)
            }
            ACTION_TIME_CHANGED, ACTION_TIMEZONE_CHANGED -> {
                // Here and not on another thread: when the broadcast ends the process may be frozen.
                app.alarm.clockChanged()
                app.core.tell { deviceChanged(app.device.zone().toString()) }
                app.core.tell { wake() }
            }
            else -> return
        }
        app.starter.start()
    }

    /** Broadcasts of a time when nothing of ours ran were missed, and after a force-stop its jobs are gone. */
    private fun planInboxJobs(app: App) {
        if (!app.preferences.wanted) return
        app.inboxJobs.plan()
        app.inboxJobs.soon()
    }
}

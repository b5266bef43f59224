package dev.simrelay.running

import android.content.BroadcastReceiver
import android.content.Context
import android.content.Intent
import dev.simrelay.App

/** The alarm fired: something is due. */
class WakeReceiver : BroadcastReceiver() {
    override fun onReceive(context: Context, intent: Intent) {
        val app = App.of(context)
        val broadcast = goAsync()
        app.workers.intake("the alarm") {
            try {
                if (app.core.isStarted) app.core.tell { wake() }
                app.starter.start()
            } finally {
                broadcast.finish()
            }
        }
    }
}

package dev.simrelay.running

import android.app.Service
import android.content.Context
import android.content.Intent
import android.os.IBinder
import dev.simrelay.App
import dev.simrelay.Platform

/**
 * Keeps the process alive, in the foreground, while the owner wants the gateway to run. The platform
 * starts it again after a kill. What it does is in [RunningGateway].
 */
class GatewayService : Service() {
    private val app get() = App.of(this)
    private val gateway by lazy { RunningGateway(app) }

    override fun onStartCommand(intent: Intent?, flags: Int, startId: Int): Int {
        // First of all: what the owner said holds, whether the platform lets the service in or not.
        if (intent?.action == ACTION_STOP) {
            app.preferences.wanted = false
            app.jobs.cancel()
            app.inboxJobs.cancel()
        }
        if (!enterForeground(startId)) return START_NOT_STICKY
        // A restart after a kill brings no intent, and the owner may have said stop meanwhile.
        if (!app.preferences.wanted) {
            leave(startId)
            return START_NOT_STICKY
        }
        gateway.begin()
        return START_STICKY
    }

    override fun onDestroy() {
        app.starter.running = false
        gateway.end()
    }

    override fun onBind(intent: Intent?): IBinder? = null

    /** Refused, as at a restart from the background, the service ends and a job delivers. */
    private fun enterForeground(startId: Int): Boolean {
        // What goes wrong over the words is no refusal.
        val notification = app.notifications.gateway(app.state.words())
        return try {
            Platform.startForeground(this, Notifications.GATEWAY, notification)
            app.starter.running = true
            true
        } catch (error: IllegalStateException) {
            refused(error, startId)
        } catch (error: SecurityException) {
            refused(error, startId)
        }
    }

    private fun refused(error: RuntimeException, startId: Int): Boolean {
        app.starter.refused(error)
        end(startId)
        return false
    }

    private fun leave(startId: Int) {
        app.starter.running = false
        stopForeground(STOP_FOREGROUND_REMOVE)
        end(startId)
    }

    /** Unless another start came meanwhile: the platform ends an app whose service goes before it enters the foreground. */
    private fun end(startId: Int) = stopSelf(startId)

    companion object {
        private const val ACTION_STOP = "dev.simrelay.STOP"

        fun start(context: Context): Intent = Intent(context, GatewayService::class.java)

        /** Ends the service, and that the owner wants it. */
        fun stop(context: Context): Intent = start(context).setAction(ACTION_STOP)
    }
}

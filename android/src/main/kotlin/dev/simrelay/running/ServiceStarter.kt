package dev.simrelay.running

import android.util.Log
import dev.simrelay.App
import dev.simrelay.TAG

/**
 * Starts the service from wherever the platform may let us: a broadcast, boot, an alarm, the screen.
 * Where it does not, a job delivers instead. Costs nothing while the service runs.
 */
class ServiceStarter(private val app: App) {
    /** The service is in the foreground. */
    @Volatile
    var running = false

    /** Does nothing if the owner does not want the gateway to run. */
    fun start() {
        if (running || !app.preferences.wanted) return
        app.wakeLock.handOver()
        try {
            app.startForegroundService(GatewayService.start(app))
        } catch (error: IllegalStateException) {
            // ForegroundServiceStartNotAllowedException and its like are of this type.
            refused(error)
        } catch (error: SecurityException) {
            refused(error)
        }
    }

    /** The service was not let into the foreground, at its start or at a restart after a kill. */
    fun refused(error: RuntimeException) {
        running = false
        // The owner's Stop may be what is refused.
        if (!app.preferences.wanted) return
        Log.w(TAG, "the platform refuses the service: ${error.javaClass.simpleName}; a job delivers instead")
        app.jobs.drain()
        app.inboxJobs.plan()
    }
}

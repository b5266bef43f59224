package dev.simrelay.running

import android.util.Log
import dev.simrelay.App
import dev.simrelay.TAG
import dev.simrelay.device.DeviceWatcher
import dev.simrelay.device.NetworkWatcher
import dev.simrelay.receiving.MmsWatcher
import java.util.concurrent.Future

/**
 * What runs while the service does: the core with its API, and the watchers that tell it about the
 * phone. A core that cannot start is told to the owner and tried again.
 */
class RunningGateway(private val app: App) {
    private val network = NetworkWatcher(app)
    private val device = DeviceWatcher(app)
    private val mms = MmsWatcher(app)
    private val refresh: (Boolean) -> Unit = { app.workers.control("the state") { app.state.refresh() } }
    private var watching = false

    @Volatile
    private var ended = false
    private var retry: Future<*>? = null

    /** On the main thread; again is harmless. */
    fun begin() {
        if (!watching) {
            watching = true
            network.begin()
            device.begin()
            app.deliveries.listen(refresh)
        }
        app.workers.control("the start", ::start)
    }

    /** On the main thread. */
    fun end() {
        ended = true
        if (watching) {
            network.end()
            device.end()
            mms.end()
            app.deliveries.forget(refresh)
        }
        app.workers.control("the stop") {
            retry?.cancel(false)
            app.core.stop()
            app.state.stopped()
        }
    }

    private fun start() {
        if (ended) return
        retry?.cancel(false)
        try {
            app.core.start(serveApi = true)
            app.jobs.cancel()
            app.core.tell { deviceChanged(app.device.checkedAgain().toString()) }
            mms.begin()
            app.state.recovered()
        } catch (error: Throwable) {
            Log.e(TAG, "the gateway could not start", error)
            app.state.failed(error)
        } finally {
            app.wakeLock.handedOver()
        }
        if (app.state.needsRetry) retry = app.workers.after(RETRY_MILLIS) { app.workers.control("the start", ::start) }
    }

    private companion object {
        /** After this a store that could not be opened, or a port that was taken, is tried again. */
        const val RETRY_MILLIS = 30_000L
    }
}

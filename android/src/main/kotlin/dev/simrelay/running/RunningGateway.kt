package dev.simrelay.running

import dev.simrelay.App
import dev.simrelay.device.DeviceWatcher
import dev.simrelay.device.NetworkWatcher
import dev.simrelay.logFailure
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
    private val refresh: (Boolean) -> Unit = { app.workers.control("the state", ::refresh) }
    private var watching = false

    @Volatile
    private var ended = false
    private var again: Future<*>? = null

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
            again?.cancel(false)
            app.core.stop()
            app.state.stopped()
        }
    }

    private fun start() {
        if (ended) return
        again?.cancel(false)
        try {
            app.core.start(serveApi = true)
            app.jobs.cancel()
            app.inboxJobs.plan()
            // The core looks at every start, but leaves what is younger than a minute to its broadcast.
            app.inboxJobs.soon()
            app.core.tell { deviceChanged(app.device.checkedAgain().toString()) }
            app.state.recovered()
            again = later(SETTLED_MILLIS, ::look)
            // Apart from this: a phone that lets nobody read its MMS still receives and sends.
            app.workers.control("the MMS", mms::begin)
        } catch (error: Throwable) {
            logFailure("the gateway could not start", error)
            app.state.failed(error)
            again = later(RETRY_MILLIS, ::start)
        } finally {
            app.wakeLock.handedOver()
        }
    }

    private fun refresh() {
        app.state.refresh()
        if (ended) return
        when {
            app.state.needsRecovery -> {
                // What comes in meanwhile is spooled.
                app.core.close()
                start()
            }
            // The core is still reading what is damaged, and says nothing when it knows.
            app.state.isDamaged -> lookIn(SETTLED_MILLIS)
        }
    }

    /** The core tries a taken port again by itself, and meets damage by itself; somebody is to see it. */
    private fun look() {
        if (ended) return
        lookIn(if (app.state.portIsTaken) RETRY_MILLIS else CALM_MILLIS)
        refresh()
    }

    private fun lookIn(millis: Long) {
        again?.cancel(false)
        again = later(millis, ::look)
    }

    private fun later(millis: Long, work: () -> Unit): Future<*> =
        app.workers.after(millis) { app.workers.control("the gateway", work) }

    private companion object {
        /** After this a store that could not be opened is tried again, and a taken port looked at. */
        const val RETRY_MILLIS = 30_000L

        /** The API listens by then, or says why not. */
        const val SETTLED_MILLIS = 2_000L

        /** How often to look while all is well; only while the phone is awake anyway. */
        const val CALM_MILLIS = 600_000L
    }
}

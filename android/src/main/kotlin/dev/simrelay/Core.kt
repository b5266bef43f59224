package dev.simrelay

import dev.simrelay.device.TrustStore
import dev.simrelay.receiving.InboundFact
import dev.simrelay.receiving.FactReporter

/**
 * The policy around [NativeBridge]: when the core is opened, and what follows an opening.
 *
 * Opening reads the device's facts (a few binder calls), once per process. All functions wait for the
 * disk; none is for the main thread.
 */
class Core(private val app: App) {
    private val callbacks = NativeCallbacks(app.alarm, app.deliveries, app.smsInbox, app.sender)
    private val telling = FactReporter(app)

    @Volatile
    private var open = false

    /** Facts can be told. */
    val isOpen get() = open

    /** Delivering. */
    @Volatile
    var isStarted = false
        private set

    /**
     * Opens the store. A broadcast must not migrate: that may take longer than the platform waits.
     * Throws [IllegalStateException] with a sentence.
     */
    @Synchronized
    fun open(mayMigrate: Boolean) {
        if (open) return
        val directory = app.filesDir.resolve("gateway").path
        NativeBridge.open(directory, app.device.json().toString(), callbacks, mayMigrate)
        open = true
    }

    /** Keeps what a broadcast brought; it is on the disk when this returns. */
    fun receive(fact: InboundFact) {
        open(mayMigrate = false)
        telling.tell(fact)
    }

    /** Opens, takes in what was spooled, and begins to deliver; with [serveApi] serves the API too. */
    fun start(serveApi: Boolean) {
        open(mayMigrate = true)
        takeInSpool()
        NativeBridge.start(TrustStore.read(), serveApi)
        isStarted = true
    }

    /** Closes a database that is damaged, so that the next opening recovers it. */
    @Synchronized
    fun close() {
        stop()
        open = false
    }

    /** Ends delivering and the API, within [STOP_MILLIS]. Harmless if they do not run. */
    fun stop() {
        if (!open) return
        isStarted = false
        NativeBridge.stop(STOP_MILLIS)
        app.deliveries.changed(false)
    }

    /**
     * Looks through the phone's own messages for those that no broadcast told of. Answers how many events
     * came of it. Throws [IllegalStateException] with a sentence.
     */
    fun reconcile(): Int {
        open(mayMigrate = true)
        // What was spooled came by a broadcast, and so goes first.
        takeInSpool()
        return NativeBridge.reconcile()
    }

    /** A path at the core's API that signs in whoever opens it first; null while the core is not open. */
    fun signInPath(): String? = if (open) NativeBridge.signInPath() else null

    /** Tells a fact, if the core is open; otherwise the opening reads it anyway. */
    fun tell(fact: NativeBridge.() -> Unit) {
        if (open) NativeBridge.fact()
    }

    /** How the core does, or null while it is not open. */
    fun status(): Status? = if (open) Status.parse(NativeBridge.status()) else null

    /** What cannot be taken in now stays for the next time. */
    fun takeInSpool() {
        try {
            app.spool.takeIn(telling::tell)
        } catch (error: Throwable) {
            // Nothing else waits for it.
            logFailure("the spool could not be taken in", error)
        }
    }

    private companion object {
        const val STOP_MILLIS = 5_000L
    }
}

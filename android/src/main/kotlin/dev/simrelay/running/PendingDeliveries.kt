package dev.simrelay.running

import java.util.concurrent.CopyOnWriteArraySet

/** Whether the core delivers, for whoever must act on it. Told on the core's threads. */
class PendingDeliveries(private val wakeLock: WakeLockKeeper) {
    @Volatile
    var pending = false
        private set

    private val listeners = CopyOnWriteArraySet<(Boolean) -> Unit>()

    @Synchronized
    fun changed(pending: Boolean) {
        if (this.pending == pending) return
        this.pending = pending
        wakeLock.deliveriesPending(pending)
        listeners.forEach { it(pending) }
    }

    fun listen(listener: (Boolean) -> Unit) {
        listeners += listener
    }

    fun forget(listener: (Boolean) -> Unit) {
        listeners -= listener
    }
}

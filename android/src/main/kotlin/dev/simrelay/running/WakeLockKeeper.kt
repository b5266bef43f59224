package dev.simrelay.running

import android.content.Context
import android.os.PowerManager
import android.os.PowerManager.WakeLock
import dev.simrelay.service

/**
 * Keeps the phone awake while a delivery is in flight or due within 10 seconds, and for no other reason
 * but the hand-over from a broadcast to the service: between the two nothing else does.
 */
class WakeLockKeeper(context: Context) {
    private val power = context.service<PowerManager>()
    private val deliveries = lock("deliveries")
    private val handover = lock("handover")

    fun deliveriesPending(pending: Boolean) = if (pending) deliveries.acquire() else release(deliveries)

    /** From the end of a broadcast until the service runs, or for [HANDOVER_MILLIS] if it never does. */
    fun handOver() = handover.acquire(HANDOVER_MILLIS)

    /** The service runs. */
    fun handedOver() = release(handover)

    val isHeld get() = deliveries.isHeld || handover.isHeld

    private fun release(lock: WakeLock) {
        if (lock.isHeld) lock.release()
    }

    private fun lock(name: String): WakeLock =
        power.newWakeLock(PowerManager.PARTIAL_WAKE_LOCK, "simrelay:$name").apply { setReferenceCounted(false) }

    private companion object {
        const val HANDOVER_MILLIS = 10_000L
    }
}

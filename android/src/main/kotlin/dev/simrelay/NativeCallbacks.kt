package dev.simrelay

import dev.simrelay.running.Deliveries
import dev.simrelay.running.WakeAlarm

/** What the core asks of the phone. Called on the core's threads, only when something changed. */
class NativeCallbacks(private val alarm: WakeAlarm, private val deliveries: Deliveries) {
    /** Something falls due at [atMillis] (wall clock); 0: nothing waits. */
    @CalledFromNative
    fun scheduleWake(atMillis: Long) = alarm.set(atMillis)

    /** Whether a delivery is in flight or due within 10 seconds. */
    @CalledFromNative
    fun deliveriesPending(pending: Boolean) = deliveries.changed(pending)
}

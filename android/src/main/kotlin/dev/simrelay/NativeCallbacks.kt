package dev.simrelay

import dev.simrelay.receiving.SmsInbox
import dev.simrelay.running.Deliveries
import dev.simrelay.running.WakeAlarm

/** What the core asks of the phone. Called on the core's threads, only when something changed. */
class NativeCallbacks(
    private val alarm: WakeAlarm,
    private val deliveries: Deliveries,
    private val smsInbox: SmsInbox,
) {
    /** Something falls due at [atMillis] (wall clock); 0: nothing waits. */
    @CalledFromNative
    fun scheduleWake(atMillis: Long) = alarm.set(atMillis)

    /** Whether a delivery is in flight or due within 10 seconds. */
    @CalledFromNative
    fun deliveriesPending(pending: Boolean) = deliveries.changed(pending)

    /** A page of the phone's own messages, see [SmsInbox.page]. Called whenever the core looks through them. */
    @CalledFromNative
    fun inboxRows(sinceMillis: Long, untilMillis: Long, afterMillis: Long, afterId: Long, limit: Int): String? =
        smsInbox.page(sinceMillis, untilMillis, afterMillis, afterId, limit)
}

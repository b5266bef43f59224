package dev.simrelay

import dev.simrelay.receiving.SmsInbox
import dev.simrelay.running.PendingDeliveries
import dev.simrelay.running.WakeAlarm
import dev.simrelay.sending.SmsSender

/** What the core asks of the phone. Called on the core's threads, only when something changed. */
class NativeCallbacks(
    private val alarm: WakeAlarm,
    private val deliveries: PendingDeliveries,
    private val smsInbox: SmsInbox,
    private val sender: SmsSender,
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

    /** How many parts [text] has by that SIM; 0: unknown. */
    @CalledFromNative
    fun countParts(text: String, simNumber: Int): Int = sender.countParts(text, simNumber)

    /** Hands a text over, in however many parts; 0 as [simNumber] is the owner's choice. Answers as [SmsSender] says. */
    @CalledFromNative
    fun sendText(
        messageId: String,
        recipient: Int,
        phoneNumber: String,
        text: String,
        simNumber: Int,
        reported: Boolean,
    ): String = sender.sendText(SmsSender.Recipient(messageId, recipient, phoneNumber), text, simNumber, reported)

    /** Hands data for a port over, in one part. */
    @CalledFromNative
    fun sendData(
        messageId: String,
        recipient: Int,
        phoneNumber: String,
        data: ByteArray,
        port: Int,
        simNumber: Int,
        reported: Boolean,
    ): String = sender.sendData(SmsSender.Recipient(messageId, recipient, phoneNumber), data, port, simNumber, reported)
}

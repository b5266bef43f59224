package dev.simrelay.receiving

import android.telephony.SmsMessage
import android.util.Log
import dev.simrelay.App
import dev.simrelay.NativeBridge
import dev.simrelay.TAG
import dev.simrelay.logFailure
import dev.simrelay.sending.PartResultReporter
import java.io.ByteArrayOutputStream

/**
 * Tells the core a fact. PDUs of 3GPP go as they are: the core joins them before it decodes them.
 * What it refuses, and all of 3GPP2, is told as the framework decodes it. No SMS is refused.
 */
class FactReporter(private val app: App) {
    fun tell(fact: InboundFact) {
        val sim = simNumber(fact)
        when (fact.kind) {
            InboundFact.Kind.WAP_PUSH -> tellWapPush(fact, sim)
            InboundFact.Kind.SMS, InboundFact.Kind.DATA_SMS -> tellSms(fact, sim)
            InboundFact.Kind.PART_SENT, InboundFact.Kind.PART_REPORTED -> PartResultReporter.tell(fact)
        }
    }

    private fun tellSms(fact: InboundFact, sim: Int) {
        if (fact.format == SmsMessage.FORMAT_3GPP) {
            try {
                NativeBridge.smsReceived(fact.pdus.toTypedArray(), sim, fact.key)
                return
            } catch (_: IllegalArgumentException) {
                Log.w(TAG, "the core refused the PDUs of a message; the framework's words are told")
            } catch (error: AssertionError) {
                logFailure("the core failed over the PDUs of a message; the framework's words are told", error)
            }
        }
        val parts = fact.pdus.map { decode(it, fact.format) }
        val first = parts.firstNotNullOfOrNull { it }
        if (first == null) {
            // Nobody can read it. As data at least its bytes arrive.
            NativeBridge.dataReceived("", joined(fact.pdus), 0, sim, fact.key)
            return
        }
        val missing = parts.count { it == null }
        if (missing > 0) Log.w(TAG, "$missing of ${parts.size} parts of a message cannot be decoded and are missing")
        if (fact.kind == InboundFact.Kind.DATA_SMS) {
            NativeBridge.dataReceived(first.sender, joined(parts.mapNotNull { it?.data }), first.sentAt, sim, fact.key)
        } else {
            val text = parts.joinToString("") { it?.text ?: UNREADABLE }
            NativeBridge.textReceived(first.sender, text, first.sentAt, sim, fact.key)
        }
    }

    /** Reports on MMS that this phone sent come by the same broadcast; they bring no message. */
    private fun tellWapPush(fact: InboundFact, sim: Int) {
        val body = joined(fact.pdus)
        if (body.size < 2 || body[0] != MESSAGE_TYPE || body[1] != NOTIFICATION) return
        NativeBridge.mmsNotified(body, sim, fact.key)
    }

    private fun simNumber(fact: InboundFact): Int =
        if (fact.slot >= 0) fact.slot + 1 else app.device.sims.numberOf(fact.subscription)

    /** A part as the framework reads it. */
    private class Part(val sender: String, val text: String, val data: ByteArray, val sentAt: Long)

    private fun decode(pdu: ByteArray, format: String): Part? = try {
        SmsMessage.createFromPdu(pdu, format)?.let {
            Part(
                it.displayOriginatingAddress.orEmpty(),
                it.displayMessageBody.orEmpty(),
                it.userData ?: ByteArray(0),
                it.timestampMillis.coerceAtLeast(0),
            )
        }
    } catch (error: RuntimeException) {
        // Its decoders throw whatever comes, also when one of its own fields is read.
        Log.w(TAG, "the framework cannot decode a PDU: ${error.javaClass.simpleName}")
        null
    }

    private fun joined(pieces: List<ByteArray>): ByteArray =
        ByteArrayOutputStream().apply { pieces.forEach { write(it, 0, it.size) } }.toByteArray()

    private companion object {
        /** The replacement character, in the place of a part that nobody can read. */
        const val UNREADABLE = "\uFFFD"

        /** The field that opens every MMS PDU, X-Mms-Message-Type, and its value M-Notification.ind (OMA-TS-MMS_ENC 7.3.30). */
        const val MESSAGE_TYPE = 0x8C.toByte()
        const val NOTIFICATION = 0x82.toByte()
    }
}

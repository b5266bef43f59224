package dev.simrelay.sending

import android.telephony.SmsMessage
import android.util.Log
import dev.simrelay.NativeBridge
import dev.simrelay.TAG
import dev.simrelay.receiving.InboundFact

/**
 * Tells the core what became of a part. It knows all codes and reads the reports of 3GPP; those of 3GPP2
 * the framework reads. What makes no sense is dropped, because it makes none later either.
 */
object PartResultReporter {
    fun tell(fact: InboundFact) {
        val result = fact.result
        val part = result?.let { Part.at(it.address) }
        if (result == null || part == null) {
            Log.w(TAG, "a result is of no part")
            return
        }
        try {
            if (fact.kind == InboundFact.Kind.PART_SENT) sent(part, result) else reported(part, fact)
        } catch (error: IllegalArgumentException) {
            Log.w(TAG, "a result of a part is not understood: ${error.message}")
        }
    }

    private fun sent(part: Part, result: InboundFact.Result) = NativeBridge.partSent(
        part.messageId, part.recipient, part.number, part.of, part.simNumber, result.code, result.cause,
    )

    private fun reported(part: Part, fact: InboundFact) {
        val pdu = fact.pdus.firstOrNull()
        if (pdu == null) {
            Log.w(TAG, "a delivery report is empty")
        } else if (fact.format == SmsMessage.FORMAT_3GPP) {
            NativeBridge.partReported(part.messageId, part.recipient, part.number, part.of, part.simNumber, pdu)
        } else {
            val status = status(pdu, fact.format) ?: return
            NativeBridge.partReported3gpp2(part.messageId, part.recipient, part.number, part.of, part.simNumber, status)
        }
    }

    private fun status(pdu: ByteArray, format: String): Int? = try {
        SmsMessage.createFromPdu(pdu, format)?.status
    } catch (error: RuntimeException) {
        // The framework's decoders throw whatever comes.
        Log.w(TAG, "the framework cannot read a delivery report: ${error.javaClass.simpleName}")
        null
    }
}

package dev.simrelay.receiving

import android.content.Intent
import java.util.UUID

/** Reads the extras of the platform's broadcasts. Costs no call to another process. */
object Extras {
    /** An SMS, of text or of data; null if there is none in it. */
    @Suppress("DEPRECATION")
    fun sms(intent: Intent, kind: InboundFact.Kind): InboundFact? {
        val pdus = (intent.getSerializableExtra("pdus") as? Array<*>).orEmpty().mapNotNull { it as? ByteArray }
        // Before the extra existed there was 3GPP alone.
        return fact(intent, kind, intent.getStringExtra("format") ?: "3gpp", pdus)
    }

    /** The body of a WAP push; null if there is none. */
    fun wapPush(intent: Intent): InboundFact? =
        fact(intent, InboundFact.Kind.WAP_PUSH, "", listOfNotNull(intent.getByteArrayExtra("data")))

    private fun fact(intent: Intent, kind: InboundFact.Kind, format: String, pdus: List<ByteArray>): InboundFact? {
        if (pdus.isEmpty()) return null
        return InboundFact(
            kind,
            format,
            pdus,
            slot = number(intent, "android.telephony.extra.SLOT_INDEX", "slot", "phone"),
            subscription = number(intent, "android.telephony.extra.SUBSCRIPTION_INDEX", "subscription"),
            key = UUID.randomUUID().toString(),
        )
    }

    /** The first of these extras that holds a number; makers disagree on its type. -1: none does. */
    @Suppress("DEPRECATION")
    private fun number(intent: Intent, vararg names: String): Int =
        names.firstNotNullOfOrNull { name ->
            val value = intent.extras?.get(name)
            val number = (value as? Number)?.toInt() ?: (value as? String)?.toIntOrNull()
            number?.takeIf { it >= 0 }
        } ?: -1
}

package dev.simrelay.sending

import android.content.BroadcastReceiver
import android.content.Context
import android.content.Intent
import dev.simrelay.App
import dev.simrelay.receiving.InboundFact
import java.util.UUID

/** The platform tells what became of a part. Not exported: our own pending intents alone come here. */
class SendResultReceiver : BroadcastReceiver() {
    override fun onReceive(context: Context, intent: Intent) {
        val kind = when (intent.action) {
            PartIntents.ACTION_SENT -> InboundFact.Kind.PART_SENT
            PartIntents.ACTION_REPORTED -> InboundFact.Kind.PART_REPORTED
            else -> return
        }
        val fact = InboundFact(
            kind,
            // Before the extra existed there was 3GPP alone.
            format = intent.getStringExtra("format") ?: "3gpp",
            pdus = listOfNotNull(intent.getByteArrayExtra("pdu")),
            slot = -1,
            subscription = -1,
            key = UUID.randomUUID().toString(),
            result = InboundFact.Result(intent.dataString.orEmpty(), resultCode, intent.getIntExtra("errorCode", 0)),
        )
        App.of(context).intake.take(fact, goAsync())
    }
}

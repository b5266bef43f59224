package dev.simrelay.sending

import android.content.BroadcastReceiver
import android.content.Context
import android.content.Intent
import dev.simrelay.App
import dev.simrelay.receiving.Fact
import java.util.UUID

/** The platform tells what became of a part. Not exported: our own pending intents alone come here. */
class SendResultReceiver : BroadcastReceiver() {
    override fun onReceive(context: Context, intent: Intent) {
        val kind = when (intent.action) {
            PartIntents.ACTION_SENT -> Fact.Kind.PART_SENT
            PartIntents.ACTION_REPORTED -> Fact.Kind.PART_REPORTED
            else -> return
        }
        val fact = Fact(
            kind,
            // Before the extra existed there was 3GPP alone.
            format = intent.getStringExtra("format") ?: "3gpp",
            pdus = listOfNotNull(intent.getByteArrayExtra("pdu")),
            slot = -1,
            subscription = -1,
            key = UUID.randomUUID().toString(),
            result = Fact.Result(intent.dataString.orEmpty(), resultCode, intent.getIntExtra("errorCode", 0)),
        )
        App.of(context).intake.take(fact, goAsync())
    }
}

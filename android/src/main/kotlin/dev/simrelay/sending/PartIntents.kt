package dev.simrelay.sending

import android.app.PendingIntent
import android.content.Context
import android.content.Intent
import dev.simrelay.Platform

/**
 * What the platform sends back for each part: that it was sent or not, and what the other network reports.
 *
 * They name [SendResultReceiver] itself, so that nobody else gets them, and are mutable, because the
 * platform fills in `errorCode`, `pdu` and `format`. A part is sent once, but reported as often as the
 * network likes: "still trying", and later the end.
 */
class PartIntents(private val context: Context, private val to: SmsSender.Recipient, private val simNumber: Int) {
    /** One for each of so many parts. */
    fun sent(parts: Int): ArrayList<PendingIntent> = all(parts, ACTION_SENT, PendingIntent.FLAG_ONE_SHOT)

    /** One for each of so many parts. */
    fun reported(parts: Int): ArrayList<PendingIntent> = all(parts, ACTION_REPORTED, 0)

    private fun all(parts: Int, action: String, flags: Int): ArrayList<PendingIntent> =
        (0 until parts).mapTo(ArrayList(parts)) { number ->
            val intent = Intent(context, SendResultReceiver::class.java)
                .setAction(action)
                .setData(Part(to.messageId, to.index, number, parts, simNumber).address())
                .addFlags(Intent.FLAG_RECEIVER_FOREGROUND)
            PendingIntent.getBroadcast(context, 0, intent, flags or Platform.FLAG_MUTABLE)
        }

    companion object {
        const val ACTION_SENT = "dev.simrelay.PART_SENT"
        const val ACTION_REPORTED = "dev.simrelay.PART_REPORTED"
    }
}

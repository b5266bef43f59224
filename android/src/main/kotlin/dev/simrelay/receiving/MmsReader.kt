package dev.simrelay.receiving

import android.content.ContentResolver
import android.database.Cursor
import android.net.Uri
import android.provider.Telephony.BaseMmsColumns.MESSAGE_BOX_INBOX
import android.provider.Telephony.Mms
import android.provider.Telephony.Mms.Addr

/**
 * Reads downloaded MMS from the provider. Whoever downloads one writes its row first and its parts
 * bit by bit after it, so a message is whole only once
 *  - it has a part, and the content of each can be read,
 *  - what its layout refers to is there,
 *  - nothing of it changed for [SETTLED_MILLIS].
 * After [PATIENCE_MILLIS] it is taken as it is: a part that never comes must not keep the others back.
 */
class MmsReader(private val resolver: ContentResolver, private val now: () -> Long) {
    /** What was seen of a message that is not whole yet. */
    private class Look(val firstAt: Long, val changedAt: Long, val fingerprint: String)

    private val looks = HashMap<Long, Look>()

    /** The messages beyond this id of the provider, oldest first: whole ones, and null for those that are not yet. */
    fun beyond(id: Long): List<Pair<Long, () -> MmsMessage?>> {
        val newer = "$DOWNLOADED AND ${Mms._ID} > ?"
        val cursor = resolver.query(Mms.CONTENT_URI, COLUMNS, newer, arrayOf("$id"), Mms._ID) ?: return emptyList()
        return cursor.use { rows ->
            generateSequence { if (rows.moveToNext()) Row(rows) else null }.toList()
        }.map { row -> row.id to { ifWhole(row) } }
    }

    /** The highest id of any message, or of those no younger than [second]; 0 if there is none, null if nobody answers. */
    fun newest(second: Long = Long.MAX_VALUE): Long? {
        val old = "${Mms.DATE} <= ?"
        val cursor = resolver.query(Mms.CONTENT_URI, arrayOf(Mms._ID), old, arrayOf("$second"), "${Mms._ID} DESC") ?: return null
        return cursor.use { if (it.moveToFirst()) it.getLong(0) else 0 }
    }

    private class Row(cursor: Cursor) {
        val id = cursor.getLong(0)
        val date = cursor.getLong(1)
        val sent = cursor.getLong(2)
        val subject = cursor.getString(3)?.let { MmsText.ofIso(it, cursor.getInt(4)) }?.ifEmpty { null }
        val subscription = cursor.getInt(5)
    }

    private fun ifWhole(row: Row): MmsMessage? {
        val parts = MmsPart.of(resolver, row.id)
        val look = look(row.id, parts)
        val quiet = now() - look.changedAt >= SETTLED_MILLIS
        val overdue = now() - look.firstAt >= PATIENCE_MILLIS
        if (!(quiet && isComplete(parts)) && !overdue) return null
        looks.remove(row.id)
        return message(row, parts.filter { it.isThere })
    }

    private fun look(id: Long, parts: List<MmsPart>): Look {
        val fingerprint = parts.joinToString { it.fingerprint() }
        val before = looks[id]
        if (before?.fingerprint == fingerprint) return before
        return Look(before?.firstAt ?: now(), now(), fingerprint).also { looks[id] = it }
    }

    private fun isComplete(parts: List<MmsPart>): Boolean {
        val references = parts.flatMap { it.references() }
        return parts.isNotEmpty() && parts.all { it.isThere } &&
            references.all { reference -> parts.any { it.isCalled(reference) } }
    }

    private fun message(row: Row, parts: List<MmsPart>) = MmsMessage(
        sender(row.id),
        row.subject,
        parts.filter { it.isText }.mapNotNull { it.text }.joinToString("\n").ifEmpty { null },
        (if (row.sent > 0) row.sent else row.date) * 1_000,
        row.subscription,
        parts.filter { !it.isText && !it.isLayout }.map {
            MmsAttachment(it.id, it.contentType, it.name, it.data ?: ByteArray(0))
        },
        key = "mms-${row.id}-${row.date}",
    )

    private fun sender(id: Long): String {
        val addresses = Uri.parse("content://mms/$id/addr")
        val cursor = resolver.query(addresses, arrayOf(Addr.ADDRESS), "${Addr.TYPE} = $FROM", null, null) ?: return ""
        val address = cursor.use { if (it.moveToFirst()) it.getString(0).orEmpty() else "" }
        // What the sender's phone writes where the operator is to fill the number in.
        return if (address == "insert-address-token") "" else MmsText.ofIso(address).orEmpty()
    }

    companion object {
        /** How long a message must stay as it is. */
        const val SETTLED_MILLIS = 2_000L

        /** How long a message may stay unfinished. */
        const val PATIENCE_MILLIS = 600_000L

        /** Type of a sender's address (PduHeaders.FROM). */
        private const val FROM = 137

        /** In the inbox, and with content (PduHeaders.MESSAGE_TYPE_RETRIEVE_CONF). */
        private const val DOWNLOADED = "${Mms.MESSAGE_BOX} = $MESSAGE_BOX_INBOX AND ${Mms.MESSAGE_TYPE} = 132"

        private val COLUMNS = arrayOf(
            Mms._ID, Mms.DATE, Mms.DATE_SENT, Mms.SUBJECT, Mms.SUBJECT_CHARSET, Mms.SUBSCRIPTION_ID,
        )
    }
}

package dev.simrelay.receiving

import android.Manifest.permission.READ_SMS
import android.content.pm.PackageManager.PERMISSION_GRANTED
import android.database.Cursor
import android.provider.Telephony.Sms
import dev.simrelay.App
import org.json.JSONArray
import org.json.JSONObject

/**
 * The text messages that the phone's own store has received, for the core to find what no broadcast
 * told of. Read by date and never from the highest id on, because Android shows some codes hours late.
 */
class SmsInbox(private val app: App) {
    val isReadable get() = app.checkSelfPermission(READ_SMS) == PERMISSION_GRANTED

    /**
     * At most [limit] rows of that time behind the row of that time and id, by both, as JSON; null
     * while the owner does not let us read them.
     */
    fun page(since: Long, until: Long, afterMillis: Long, afterId: Long, limit: Int): String? {
        if (!isReadable) return null
        val wanted = "${Sms.DATE} >= $since AND ${Sms.DATE} <= $until" +
            " AND (${Sms.DATE} > $afterMillis OR (${Sms.DATE} = $afterMillis AND ${Sms._ID} > $afterId))"
        // A provider that takes no limit costs time, and the rest of its rows are left alone.
        val order = "${Sms.DATE}, ${Sms._ID} LIMIT $limit"
        val cursor = app.contentResolver.query(Sms.Inbox.CONTENT_URI, COLUMNS, wanted, null, order)
        checkNotNull(cursor) { "the phone's store of messages does not answer" }
        val rows = JSONArray()
        val sims = HashMap<Int, Int>()
        cursor.use {
            while (rows.length() < limit && it.moveToNext()) rows.put(row(it, sims))
        }
        return rows.toString()
    }

    private fun row(cursor: Cursor, sims: HashMap<Int, Int>): JSONObject {
        val subscription = if (cursor.isNull(5)) -1 else cursor.getInt(5)
        return JSONObject()
            .put("id", cursor.getLong(0))
            .put("sender", cursor.getString(1).orEmpty())
            .put("text", cursor.getString(2).orEmpty())
            .put("receivedAtMillis", cursor.getLong(3))
            .put("sentAtMillis", cursor.getLong(4))
            .put("simNumber", sims.getOrPut(subscription) { app.device.sims.numberOf(subscription) })
    }

    private companion object {
        val COLUMNS = arrayOf(Sms._ID, Sms.ADDRESS, Sms.BODY, Sms.DATE, Sms.DATE_SENT, Sms.SUBSCRIPTION_ID)
    }
}

package dev.simrelay.receiving

import org.json.JSONArray
import org.json.JSONObject

/** A whole MMS, as the core is told of it. */
class MmsMessage(
    val sender: String,
    val subject: String?,
    val body: String?,
    val sentAtMillis: Long,
    val subscription: Int,
    val attachments: List<MmsAttachment>,
    /** The same whenever the same message is read. */
    val key: String,
) {
    fun json(simNumber: Int): JSONObject = JSONObject()
        .put("sender", sender)
        .putOpt("subject", subject)
        .putOpt("body", body)
        .put("sentAtMillis", sentAtMillis)
        .put("simNumber", simNumber)
        .put("attachments", JSONArray(attachments.map { it.json() }))
}

/** A part that is neither text nor layout. */
class MmsAttachment(val partId: Long, val contentType: String, val name: String?, val data: ByteArray) {
    fun json(): JSONObject = JSONObject()
        .put("partId", partId)
        .put("contentType", contentType)
        .putOpt("name", name)
}

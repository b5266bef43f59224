package dev.simrelay.receiving

import android.content.ContentResolver
import android.content.ContentUris
import android.database.Cursor
import android.net.Uri
import android.provider.Telephony.Mms.Part
import java.io.IOException

/** A part of an MMS as it stands in the provider now, which may be before its content is there. */
class MmsPart private constructor(
    val id: Long,
    val contentType: String,
    val name: String?,
    /** All that a layout may call it by. */
    private val names: Set<String>,
    val text: String?,
    /** Null if it cannot be read (yet). */
    val data: ByteArray?,
) {
    val isLayout get() = contentType == "application/smil"

    /** A text in a character set that is not known is an attachment, so that its bytes are told. */
    val isText get() = contentType == "text/plain" && (text != null || data == null)

    /** Something is there. A text may be empty, a picture may not. */
    val isThere get() = if (isText || isLayout) text != null else data?.isNotEmpty() == true

    /** What a layout refers to: `<img src="cid:…"/>` and the like. */
    fun references(): List<String> =
        if (isLayout) SOURCE.findAll(text.orEmpty()).map { it.groupValues[1].bare() }.toList() else emptyList()

    fun isCalled(reference: String) = reference in names

    /** Changes whenever the part does. */
    fun fingerprint(): String = "$id:${text?.length}:${data?.size}"

    companion object {
        private val SOURCE = Regex("""\ssrc\s*=\s*["']([^"']+)["']""")
        private val PARTS: Uri = Uri.parse("content://mms/part")
        private val COLUMNS = arrayOf(
            Part._ID, Part.CONTENT_TYPE, Part.NAME, Part.FILENAME, Part.CONTENT_LOCATION, Part.CONTENT_ID,
            Part.TEXT, Part._DATA, Part.CHARSET,
        )

        /** The parts of a message, in their order. */
        fun of(resolver: ContentResolver, message: Long): List<MmsPart> {
            val mine = "${Part.MSG_ID} = ?"
            val order = "${Part.SEQ}, ${Part._ID}"
            val cursor = resolver.query(PARTS, COLUMNS, mine, arrayOf("$message"), order) ?: return emptyList()
            return cursor.use { generateSequence { if (it.moveToNext()) read(resolver, it) else null }.toList() }
        }

        private fun read(resolver: ContentResolver, row: Cursor): MmsPart {
            val id = row.getLong(0)
            val type = row.getString(1).orEmpty()
            val names = (2..5).mapNotNull { row.getString(it)?.let { name -> MmsText.ofIso(name) } }.filter { it.isNotEmpty() }
            val isText = type == "text/plain" || type == "application/smil"
            val inline = row.getString(6)
            val data = if (isText && inline != null) null else bytes(resolver, id)
            val text = when {
                !isText -> null
                inline != null -> inline
                else -> data?.let { MmsText.decode(it, row.getInt(8)) }
            }
            return MmsPart(id, type, names.firstOrNull(), names.map { it.bare() }.toSet(), text, data)
        }

        private fun bytes(resolver: ContentResolver, id: Long): ByteArray? = try {
            resolver.openInputStream(ContentUris.withAppendedId(PARTS, id))?.use { it.readBytes() }
        } catch (_: IOException) {
            null
        }

        /** `cid:<Picture.jpg>` and `picture.jpg` are the same thing. */
        private fun String.bare() = removePrefix("cid:").removeSurrounding("<", ">").lowercase()
    }
}

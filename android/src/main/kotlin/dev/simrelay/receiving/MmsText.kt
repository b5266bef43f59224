package dev.simrelay.receiving

import java.nio.charset.Charset

/** The provider keeps strings of MMS as bytes that it shows as ISO 8859-1, beside the number of their real charset. */
object MmsText {
    /** IANA's MIBenum numbers, as far as MMS of today use them. */
    private val CHARSETS = mapOf(
        3 to "US-ASCII",
        4 to "ISO-8859-1",
        17 to "Shift_JIS",
        38 to "EUC-KR",
        106 to "UTF-8",
        113 to "GBK",
        1000 to "UTF-16BE",
        1013 to "UTF-16BE",
        1014 to "UTF-16LE",
        1015 to "UTF-16",
        2025 to "GB2312",
        2026 to "Big5",
        2084 to "KOI8-R",
        2251 to "windows-1251",
        2252 to "windows-1252",
        2256 to "windows-1256",
    )
    private const val UTF_8 = 106

    /** A string column; unless told otherwise its bytes are UTF-8. */
    fun ofIso(column: String, charset: Int = UTF_8): String = decode(column.toByteArray(Charsets.ISO_8859_1), charset)

    fun decode(bytes: ByteArray, charset: Int): String {
        val name = CHARSETS[charset] ?: "UTF-8"
        return String(bytes, if (Charset.isSupported(name)) Charset.forName(name) else Charsets.UTF_8)
    }
}

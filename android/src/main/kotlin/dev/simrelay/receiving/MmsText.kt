package dev.simrelay.receiving

import java.nio.charset.Charset

/** The provider keeps strings of MMS as bytes that it shows as ISO 8859-1, beside the number of their real charset. */
object MmsText {
    /** IANA's MIBenum numbers of the character sets that Android knows; 0 is any. */
    private val CHARSETS = mapOf(
        0 to "UTF-8",
        3 to "US-ASCII",
        17 to "Shift_JIS",
        18 to "EUC-JP",
        36 to "EUC-KR",
        38 to "EUC-KR",
        39 to "ISO-2022-JP",
        106 to "UTF-8",
        109 to "ISO-8859-13",
        111 to "ISO-8859-15",
        113 to "GBK",
        114 to "GB18030",
        1000 to "UTF-16BE",
        1013 to "UTF-16BE",
        1014 to "UTF-16LE",
        1015 to "UTF-16",
        2024 to "windows-31j",
        2025 to "GB2312",
        2026 to "Big5",
        2084 to "KOI8-R",
        2086 to "IBM866",
        2088 to "KOI8-U",
        2101 to "Big5-HKSCS",
        2109 to "windows-874",
        2259 to "TIS-620",
    ) + (4..12).associateWith { "ISO-8859-${it - 3}" } + (2250..2258).associateWith { "windows-${it - 1000}" }
    private const val UTF_8 = 106

    /** A string column; unless told otherwise its bytes are UTF-8. Null if its character set is not known. */
    fun ofIso(column: String, charset: Int = UTF_8): String? = decode(column.toByteArray(Charsets.ISO_8859_1), charset)

    /** Null if the character set is not known: a guess would be a wrong text. */
    fun decode(bytes: ByteArray, charset: Int): String? {
        val name = CHARSETS[charset]?.takeIf(Charset::isSupported) ?: return null
        return String(bytes, Charset.forName(name))
    }
}

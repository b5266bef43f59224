package dev.simrelay

import java.time.Instant
import java.time.OffsetDateTime

/** Makes SMS-DELIVERs (3GPP TS 23.040 9.2.2.1) as a radio hands them over. */
object Pdus {
    /** "How are you?" from +31641600986, a published one. */
    val HOW_ARE_YOU = hex("07911326040000F0040B911346610089F60000208062917314080CC8F71D14969741F977FD07")

    /** When its service centre took it. */
    val HOW_ARE_YOU_SENT: Instant = OffsetDateTime.parse("2002-08-26T19:37:41+02:00").toInstant()

    /** [text] from +15550100200 in UCS-2, cut into parts of [units] UTF-16 units, wherever that falls. */
    fun ucs2(text: String, units: Int): List<ByteArray> {
        val parts = text.chunked(units)
        return parts.mapIndexed { index, part ->
            val header = byteArrayOf(5, 0, 3, 42, parts.size.toByte(), (index + 1).toByte())
            deliver(0x44, coding = 0x08, header + utf16(part))
        }
    }

    /** Unit by unit: half a character has no encoding of its own. */
    private fun utf16(text: String): ByteArray =
        text.flatMap { listOf((it.code shr 8).toByte(), it.code.toByte()) }.toByteArray()

    /** [bytes] for the application at [port]. */
    fun data(bytes: ByteArray, port: Int): ByteArray {
        val header = byteArrayOf(6, 5, 4, (port shr 8).toByte(), port.toByte(), 0, 0)
        return deliver(0x44, coding = 0x04, header + bytes)
    }

    /** An M-Notification.ind (OMA-TS-MMS_ENC 6.2) from +15550100200, of 1,024 bytes. */
    fun mmsNotification(transaction: String): ByteArray {
        val sender = "+15550100200/TYPE=PLMN\u0000".toByteArray()
        return hex("8C8298") + "$transaction\u0000".toByteArray() + hex("8D90") +
            hex("89") + (sender.size + 1).toByte() + hex("80") + sender + hex("8A80") + hex("8E020400") +
            hex("88058103015180") + hex("83") + "http://mmsc/x\u0000".toByteArray()
    }

    /** [text] from +15550100200, sent at 15:46:11 of 22 June 2024, as CDMA phones hand it over (3GPP2 C.S0015-B 4.5). */
    fun cdma(text: String): ByteArray {
        // Message identifier: a delivery, of number 1, without a header.
        val identifier = hex("0003100010")
        // User data: encoding (5 bits) UTF-16, number of characters (8 bits), characters, 3 bits of padding.
        val units = "00100" + bits(text.length, 8) + text.map { bits(it.code, 16) }.joinToString("") + "000"
        val userData = units.chunked(8).map { it.toInt(2).toByte() }.toByteArray()
        val bearer = identifier + byteArrayOf(1, userData.size.toByte()) + userData + hex("0306240622154611")
        val sender = "15550100200".toByteArray()
        // Point to point, teleservice WMT; the sender as ASCII, international.
        return hex("000000000000100200000000" + "01000101") + sender.size.toByte() + sender +
            hex("00000000" + "000000") + hex(bits(bearer.size, 32).chunked(4).joinToString("") { it.toInt(2).toString(16) }) + bearer
    }

    private fun bits(number: Int, count: Int) = number.toUInt().toString(2).padStart(count, '0')

    /** An SMS-STATUS-REPORT (3GPP TS 23.040 9.2.2.3) with that TP-Status. */
    fun statusReport(status: Int): ByteArray =
        hex("0791132604000000") + hex("062A0B912120550510F0") + hex("42602251641182") + hex("42602251641182") + status.toByte()

    /** An SMS Delivery Acknowledgment (3GPP2 C.S0015-B 4.4.3) in the framework's own form. */
    fun acknowledgment(errorClass: Int, status: Int): ByteArray {
        val identifier = hex("0003400010")
        val bearer = identifier + hex("1401") + ((errorClass shl 6) or status).toByte()
        // Point to point, the paging teleservice, an address of one digit, no reply asked for.
        return hex("00000000" + "00001002" + "00000000") + hex("00000000" + "01" + "01") +
            hex("00000000" + "00" + "00" + "00") + hex("%08X".format(bearer.size)) + bearer
    }

    private fun deliver(flags: Int, coding: Int, userData: ByteArray): ByteArray =
        hex("0791135555000010") + flags.toByte() + hex("0B915155100002F0") + byteArrayOf(0, coding.toByte()) +
            hex("42209221436500") + userData.size.toByte() + userData

    fun hex(text: String): ByteArray = text.chunked(2).map { it.toInt(16).toByte() }.toByteArray()
}

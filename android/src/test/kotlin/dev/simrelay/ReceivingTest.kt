package dev.simrelay

import android.content.Intent
import android.net.Uri
import android.provider.Telephony.Sms.Intents
import org.junit.After
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Before
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.shadows.ShadowLog
import java.time.LocalDateTime
import java.time.OffsetDateTime
import java.time.ZoneId
import java.util.Base64

@RunWith(ShellTestRunner::class)
class ReceivingTest {
    private val lab = Lab()
    private val receiver = Receiver()

    @Before
    fun start() {
        Receiver.assertVector()
        lab.start()
        lab.network(validated = true)
    }

    @After
    fun stop() {
        lab.close()
        receiver.close()
    }

    @Test
    fun `an SMS arrives as a signed webhook`() {
        lab.webhook("sms:received", receiver)
        lab.sms(listOf(Pdus.HOW_ARE_YOU))
        val event = receiver.next()
        assertEquals("sms:received", event.getString("event"))
        val payload = event.getJSONObject("payload")
        assertEquals("How are you?", payload.getString("message"))
        assertEquals("+31641600986", payload.getString("sender"))
        assertTrue("no SIM is known", !payload.has("simNumber"))
    }

    @Test
    fun `an emoji that is cut by the border of two parts survives`() {
        val text = "x".repeat(66) + "\uD83D\uDE00" + "y".repeat(20)
        lab.webhook("sms:received", receiver)
        // 67 units a part: the first ends within the emoji.
        lab.sms(Pdus.ucs2(text, units = 67))
        assertEquals(text, receiver.next().getJSONObject("payload").getString("message"))
    }

    @Test
    fun `parts in the wrong order are joined in the right one`() {
        lab.webhook("sms:received", receiver)
        lab.sms(Pdus.ucs2("first part, second part", units = 12).reversed())
        assertEquals("first part, second part", receiver.next().getJSONObject("payload").getString("message"))
    }

    @Test
    fun `the SIM is told by whatever extra the maker has`() {
        lab.webhook("sms:received", receiver)
        val rows: List<Pair<Int, Intent.() -> Unit>> = listOf(
            1 to { putExtra("android.telephony.extra.SLOT_INDEX", 0) },
            2 to { putExtra("slot", 1) },
            2 to { putExtra("phone", 1) },
            2 to { putExtra("slot", "1") },
            2 to { putExtra("slot", 1L) },
            2 to { putExtra("android.telephony.extra.SLOT_INDEX", -1).putExtra("phone", 1) },
        )
        for ((number, extras) in rows) {
            lab.sms(listOf(Pdus.HOW_ARE_YOU), extras)
            assertEquals(number, receiver.next().getJSONObject("payload").getInt("simNumber"))
        }
    }

    @Test
    fun `a data SMS on any port arrives as data`() {
        lab.webhook("sms:data-received", receiver)
        val bytes = byteArrayOf(0, 1, -1, 127)
        for (port in listOf(1, 2948, 65535)) {
            val intent = Intent(Intents.DATA_SMS_RECEIVED_ACTION, Uri.parse("sms://localhost:$port"))
                .putExtra("pdus", arrayOf(Pdus.data(bytes, port))).putExtra("format", "3gpp")
            lab.broadcast(intent)
            val data = receiver.next().getJSONObject("payload").getString("data")
            assertEquals(Base64.getEncoder().encodeToString(bytes), data)
        }
    }

    @Test
    fun `the notification of an MMS arrives`() {
        lab.webhook("mms:received", receiver)
        val intent = Intent(Intents.WAP_PUSH_RECEIVED_ACTION).setType("application/vnd.wap.mms-message")
            .putExtra("data", Pdus.mmsNotification("t-42")).putExtra("slot", 1)
        lab.broadcast(intent)
        val payload = receiver.next().getJSONObject("payload")
        assertEquals("t-42", payload.getString("transactionId"))
        assertEquals(1024, payload.getInt("size"))
        assertEquals("+15550100200", payload.getString("sender"))
        assertEquals(2, payload.getInt("simNumber"))
    }

    @Test
    fun `a WAP push that is no notification brings nothing and harms nothing`() {
        lab.webhook("mms:received", receiver)
        val report = Pdus.hex("8C86") + byteArrayOf(0x8B.toByte()) + "id\u0000".toByteArray()
        for (body in listOf(report, Pdus.mmsNotification("t-43"))) {
            val intent = Intent(Intents.WAP_PUSH_RECEIVED_ACTION).setType("application/vnd.wap.mms-message")
            lab.broadcast(intent.putExtra("data", body))
        }
        assertEquals("t-43", receiver.next().getJSONObject("payload").getString("transactionId"))
        assertTrue(lab.app.spool.isEmpty())
    }

    @Test
    fun `PDUs that the core refuses are told in the words of the framework`() {
        lab.webhook("sms:received", receiver)
        // Two messages in one broadcast: the core takes exactly one whole message.
        val other = Pdus.hex("07914151551512f2040B916105551511f100006060605130308A04D4F29C0E")
        lab.sms(listOf(Pdus.HOW_ARE_YOU, other))
        val payload = receiver.next().getJSONObject("payload")
        assertEquals("How are you?Test", payload.getString("message"))
        assertEquals("+31641600986", payload.getString("sender"))
        assertTrue(payload.getString("receivedAt"), payload.getString("receivedAt").startsWith("2002-08-26T"))
    }

    @Test
    fun `what nobody can decode arrives as data`() {
        lab.webhook("sms:data-received", receiver)
        val nonsense = byteArrayOf(1, 2, 3)
        lab.sms(listOf(nonsense))
        val data = receiver.next().getJSONObject("payload").getString("data")
        assertEquals(Base64.getEncoder().encodeToString(nonsense), data)
    }

    @Test
    fun `a part that nobody can decode shows where it was, and the others arrive`() {
        lab.webhook("sms:received", receiver)
        val nonsense = byteArrayOf(1, 2, 3)
        lab.sms(listOf(nonsense, Pdus.HOW_ARE_YOU, nonsense))
        val payload = receiver.next().getJSONObject("payload")
        assertEquals("\uFFFDHow are you?\uFFFD", payload.getString("message"))
        assertEquals("+31641600986", payload.getString("sender"))
        assertTrue(ShadowLog.getLogsForTag(TAG).any { it.msg.startsWith("2 of 3 parts of a message") })
    }

    @Test
    fun `a message of 3GPP2 arrives in the words of the framework, its parts joined`() {
        lab.webhook("sms:received", receiver)
        lab.sms(listOf(Pdus.cdma("Gr\u00FC\u00DFe, "), Pdus.cdma("\u4F60\u597D \uD83D\uDE00"))) {
            putExtra("format", "3gpp2").putExtra("slot", 1)
        }
        val payload = receiver.next().getJSONObject("payload")
        assertEquals("Gr\u00FC\u00DFe, \u4F60\u597D \uD83D\uDE00", payload.getString("message"))
        assertEquals("+15550100200", payload.getString("sender"))
        assertEquals(2, payload.getInt("simNumber"))
        // 3GPP2 tells times without a zone: they are the phone's.
        val sent = LocalDateTime.of(2024, 6, 22, 15, 46, 11).atZone(ZoneId.systemDefault())
        assertEquals(sent.toInstant(), OffsetDateTime.parse(payload.getString("receivedAt")).toInstant())
        assertTrue(lab.app.spool.isEmpty())
    }

    @Test
    fun `a broadcast without a message ends at once`() {
        lab.broadcast(Intent(Intents.SMS_RECEIVED_ACTION))
        assertEquals(0, lab.app.core.status()!!.pending)
    }

    @Test
    fun `every broadcast is a message of its own`() {
        lab.webhook("sms:received", receiver)
        repeat(2) { lab.sms(listOf(Pdus.HOW_ARE_YOU)) }
        val ids = List(2) { receiver.next().getJSONObject("payload").getString("messageId") }
        assertEquals(2, ids.toSet().size)
    }
}

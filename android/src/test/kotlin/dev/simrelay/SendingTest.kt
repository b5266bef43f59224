package dev.simrelay

import android.app.PendingIntent
import android.content.Intent
import android.os.Build
import android.telephony.SmsManager
import dev.simrelay.sending.SendResultReceiver
import org.json.JSONObject
import org.junit.After
import org.junit.Assert.assertArrayEquals
import org.junit.Assert.assertEquals
import org.junit.Assert.assertNull
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config
import java.util.Base64

/** From POST to the phone's SmsManager, and back from its pending intents to states and webhooks. */
@RunWith(ShellTestRunner::class)
@Config(shadows = [Radio::class])
class SendingTest {
    private val phone = SendingLab()

    @After
    fun stop() = phone.close()

    @Test
    fun `a text is sent and delivered`() {
        phone.start("sms:sent", "sms:delivered", "sms:failed")
        val id = phone.text("Hello")
        val call = Radio.next()
        assertEquals("+12025550143", call.number)
        assertEquals(listOf("Hello"), call.parts)
        assertEquals(SendingLab.FIRST, call.subscription)
        assertEquals(1, phone.reaches(id, "Processed").getJSONArray("recipients").length())
        phone.fire(call.sent.single())
        val sent = phone.event("sms:sent")
        assertEquals(id, sent.getString("messageId"))
        assertEquals(1, sent.getInt("partsCount"))
        assertEquals(1, sent.getInt("simNumber"))
        phone.report(call.reported!!.single(), 0x00)
        assertEquals(id, phone.event("sms:delivered").getString("messageId"))
        assertEquals("Delivered", phone.message(id).getString("state"))
        Radio.assertNothing()
    }

    @Test
    fun `results of many parts may come in any order and twice`() {
        phone.start("sms:sent", "sms:delivered", "sms:failed")
        // An emoji at the border of two parts, and what Java calls two characters must arrive as one.
        val text = "я".repeat(66) + "\uD83D\uDE00" + "я".repeat(66)
        val id = phone.text(text)
        val call = Radio.next()
        assertEquals(text, call.text)
        assertTrue("${call.parts.size}", call.parts.size == 3)
        val (sent, reported) = call.sent to call.reported!!
        repeat(2) { phone.report(reported[2], 0x00) }
        repeat(2) { phone.fire(sent[1]) }
        phone.report(reported[0], 0x00)
        // The report of a part proves that it was sent.
        assertEquals("Sent", phone.message(id).getString("state"))
        phone.report(reported[1], 0x00)
        assertEquals("Delivered", phone.message(id).getString("state"))
        val events = List(2) { phone.receiver.next() }.associateBy { it.getString("event") }
        assertEquals(setOf("sms:sent", "sms:delivered"), events.keys)
        assertEquals(3, events.getValue("sms:sent").getJSONObject("payload").getInt("partsCount"))
        assertEquals(3, phone.message(id).getInt("partsCount"))
        // Late and repeated ones change nothing and tell nobody.
        phone.fire(sent[0])
        phone.fail(sent[2])
        phone.report(reported[0], 0x46)
        assertEquals("Delivered", phone.message(id).getString("state"))
        phone.text("next")
        phone.fire(Radio.next().sent.single())
        phone.event("sms:sent")
        phone.receiver.assertNothing()
    }

    @Test
    fun `each part has intents of its own that only we get and the platform fills in`() {
        phone.start()
        val id = phone.post("""{"textMessage":{"text":"${"x".repeat(200)}"},"phoneNumbers":["+12025550143","+12025550144"]}""")
        val calls = List(2) { Radio.next() }
        val sent = calls.flatMap { it.sent }
        val reported = calls.flatMap { it.reported!! }
        assertEquals(4, sent.size)
        assertEquals(8, (sent + reported).map { shadowOf(it).savedIntent.run { "$action $dataString" } }.toSet().size)
        val addresses = listOf("0/0/2", "0/1/2", "1/0/2", "1/1/2").map { "simrelay://part/$id/$it?sim=1" }
        assertEquals(addresses, sent.map { shadowOf(it).savedIntent.dataString })
        assertEquals(addresses, reported.map { shadowOf(it).savedIntent.dataString })
        for (intent in (sent + reported).map { shadowOf(it) }) {
            assertTrue(intent.isBroadcastIntent)
            assertEquals(SendResultReceiver::class.java.name, intent.savedIntent.component?.className)
            assertEquals("not immutable", 0, intent.flags and PendingIntent.FLAG_IMMUTABLE)
            if (Build.VERSION.SDK_INT >= 31) assertTrue("mutable", intent.flags and PendingIntent.FLAG_MUTABLE != 0)
        }
        assertTrue("sent once", sent.all { shadowOf(it).flags and PendingIntent.FLAG_ONE_SHOT != 0 })
        assertTrue("reported often", reported.all { shadowOf(it).flags and PendingIntent.FLAG_ONE_SHOT == 0 })
    }

    @Test
    fun `what the platform fills in at the firing arrives`() {
        phone.start("sms:sent", "sms:delivered", "sms:failed")
        phone.text("Hello")
        val call = Radio.next()
        call.reported!!.single().send(phone.lab.app, 0, Intent().putExtra("pdu", Pdus.statusReport(0x63)).putExtra("format", "3gpp"))
        phone.lab.settle()
        val events = List(2) { phone.receiver.next() }.associateBy { it.getString("event") }
        assertEquals(setOf("sms:sent", "sms:failed"), events.keys)
        val failed = events.getValue("sms:failed").getJSONObject("payload")
        assertEquals("delivery report 0x63: service rejected", failed.getString("reason"))
        phone.text("again")
        // The code of a failure, and what the radio says besides.
        val fillIn = Intent().putExtra("errorCode", 38)
        Radio.next().sent.single().send(phone.lab.app, SmsManager.RESULT_ERROR_GENERIC_FAILURE, fillIn)
        phone.lab.settle()
        assertEquals("RESULT_ERROR_GENERIC_FAILURE (cause 38)", phone.event("sms:failed").getString("reason"))
    }

    @Test
    fun `a report may say still trying before it says the end`() {
        phone.start("sms:delivered", "sms:failed")
        val arrived = phone.text("arrives at last")
        val first = Radio.next()
        phone.fire(first.sent.single())
        for (status in listOf(0x20, 0x3F)) phone.report(first.reported!!.single(), status)
        assertEquals("Sent", phone.message(arrived).getString("state"))
        phone.report(first.reported!!.single(), 0x1F)
        assertEquals(arrived, phone.event("sms:delivered").getString("messageId"))

        val lost = phone.text("never arrives")
        val second = Radio.next()
        phone.fire(second.sent.single())
        phone.report(second.reported!!.single(), 0x30)
        phone.report(second.reported.single(), 0x46)
        assertEquals("delivery report 0x46: not delivered before its validity period expired", phone.event("sms:failed").getString("reason"))
        assertEquals("Failed", phone.message(lost).getString("state"))
    }

    @Test
    fun `a report that nobody can read changes nothing`() {
        phone.start("sms:delivered")
        val id = phone.text()
        val call = Radio.next()
        phone.fire(call.sent.single())
        val report = call.reported!!.single()
        phone.fire(report)
        for (format in listOf("3gpp", "3gpp2", "other")) {
            phone.fire(report) { putExtra("pdu", byteArrayOf(1, 2, 3)).putExtra("format", format) }
        }
        assertEquals("Sent", phone.message(id).getString("state"))
        assertTrue("nothing is left for later", phone.lab.app.spool.isEmpty())
    }

    @Test
    fun `a report of the other standard is read too`() {
        phone.start()
        val rows = listOf(
            Pdus.acknowledgment(0, 2) to "Delivered",
            Pdus.acknowledgment(2, 4) to "Sent",
            Pdus.acknowledgment(3, 10) to "Failed",
        )
        for ((pdu, state) in rows) {
            val id = phone.text(state)
            val call = Radio.next()
            phone.fire(call.sent.single())
            phone.fire(call.reported!!.single()) { putExtra("pdu", pdu).putExtra("format", "3gpp2") }
            assertEquals(state, phone.message(id).getString("state"))
        }
    }

    @Test
    fun `every result code has its name in the reason`() {
        phone.start("sms:failed")
        val rows = listOf(
            SmsManager.RESULT_ERROR_RADIO_OFF to "RESULT_ERROR_RADIO_OFF: the radio is off; turn off airplane mode",
            SmsManager.RESULT_ERROR_NO_SERVICE to "RESULT_ERROR_NO_SERVICE: the phone has no mobile service",
            5 to "RESULT_ERROR_LIMIT_EXCEEDED: the phone's own limit for this app is reached, or its user refused",
            120 to "RESULT_RIL_SIM_ABSENT",
            4711 to "unknown result code 4711",
            0 to "unknown result code 0",
        )
        for ((code, reason) in rows) {
            val id = phone.text("$code")
            phone.fail(Radio.next().sent.single(), code)
            assertEquals(reason, phone.event("sms:failed").getString("reason"))
            assertEquals(reason, phone.failure(id))
        }
    }

    @Test
    fun `one part that fails fails the message, and the others tell nothing more`() {
        phone.start("sms:sent", "sms:failed")
        val id = phone.text("x".repeat(200))
        val call = Radio.next()
        phone.fire(call.sent[0])
        phone.fail(call.sent[1])
        phone.event("sms:failed")
        repeat(2) { phone.report(call.reported!![it], 0x00) }
        assertEquals("Failed", phone.message(id).getString("state"))
        phone.receiver.assertNothing()
    }

    @Test
    fun `data goes to its port`() {
        phone.start()
        val bytes = byteArrayOf(0, 1, -1, 127)
        for (port in listOf(0, 1, 32768, 65535)) {
            val data = Base64.getEncoder().encodeToString(bytes)
            val id = phone.post("""{"dataMessage":{"data":"$data","port":$port}}""")
            val call = Radio.next()
            assertArrayEquals(bytes, call.data)
            assertEquals(port, call.port)
            phone.fire(call.sent.single())
            phone.report(call.reported!!.single(), 0x00)
            assertEquals("Delivered", phone.message(id).getString("state"))
        }
    }

    @Test
    fun `without a delivery report none is asked for and Sent is the end`() {
        phone.start()
        for (text in listOf("short", "x".repeat(200))) {
            val id = phone.post(JSONObject().put("withDeliveryReport", false).put("textMessage", JSONObject().put("text", text)).toString())
            val call = Radio.next()
            assertNull(call.reported)
            call.sent.forEach(phone::fire)
            assertEquals("Sent", phone.message(id).getString("state"))
        }
    }

    @Test
    fun `without any result it stays Processed`() {
        phone.start("sms:sent", "sms:failed")
        val id = phone.text("x".repeat(200))
        val call = Radio.next()
        phone.fire(call.sent[0])
        assertEquals("Processed", phone.reaches(id, "Processed").getString("state"))
        phone.receiver.assertNothing()
        Radio.assertNothing()
    }

    @Test
    fun `a number without a country code is of the country of the SIM`() {
        phone.start()
        val sims = phone.lab.app.device.sims().getJSONArray("sims")
        assertEquals("US", sims.getJSONObject(0).getString("country"))
        phone.post("""{"textMessage":{"text":"Hello"},"phoneNumbers":["(202) 555-0143"]}""")
        assertEquals("+12025550143", Radio.next().number)
    }
}

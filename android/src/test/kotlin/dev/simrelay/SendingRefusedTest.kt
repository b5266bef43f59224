package dev.simrelay

import android.Manifest.permission.READ_PHONE_STATE
import android.app.AlarmManager
import android.app.Application
import android.os.SystemClock
import android.telephony.SubscriptionManager
import android.telephony.TelephonyManager
import org.json.JSONObject
import org.junit.After
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config

/** Which SIM sends, and every way in which the platform does not take a message. */
@RunWith(ShellTestRunner::class)
@Config(shadows = [Radio::class])
class SendingRefusedTest {
    private val phone = SendingLab()

    @After
    fun stop() = phone.close()

    private fun by(simNumber: Int) = phone.post("""{"textMessage":{"text":"Hello"},"simNumber":$simNumber}""")

    @Test
    fun `the SIM is the one asked for, else the one that the owner chose, else the only one`() {
        phone.start()
        val id = by(2)
        assertEquals(SendingLab.SECOND, Radio.next().subscription)
        assertEquals(2, phone.message(id).getInt("simNumber"))
        by(1)
        assertEquals(SendingLab.FIRST, Radio.next().subscription)
        phone.chosen(SendingLab.SECOND)
        phone.text()
        assertEquals(SendingLab.SECOND, Radio.next().subscription)
        phone.chosen(NONE)
        phone.cards(SendingLab.SECOND to 1)
        phone.text()
        assertEquals(SendingLab.SECOND, Radio.next().subscription)
    }

    @Test
    fun `which SIM did it is in the webhook`() {
        phone.start("sms:sent")
        phone.chosen(SendingLab.SECOND)
        phone.text()
        phone.fire(Radio.next().sent.single())
        assertEquals(2, phone.event("sms:sent").getInt("simNumber"))
    }

    @Test
    fun `no SIM, no such SIM and none chosen each have their sentence`() {
        phone.start("sms:failed")
        phone.chosen(NONE)
        val sentence = "the phone has several SIMs and none is chosen for SMS; choose one in the phone's settings, or set simNumber"
        assertEquals(sentence, phone.failure(phone.text()))
        assertEquals(sentence, phone.event("sms:failed").getString("reason"))
        // The card goes while its message waits.
        val settings = { value: Int -> phone.lab.call("PATCH", "/settings", JSONObject("""{"messages":{"limit_period":"PerDay","limit_value":$value}}"""), 200) }
        settings(1)
        phone.post("""{"textMessage":{"text":"Hello"},"simNumber":1}""")
        Radio.next()
        val waiting = by(2)
        phone.cards(SendingLab.FIRST to 0)
        settings(0)
        assertEquals("there is no SIM 2 in the phone", phone.failure(waiting))
        // What the owner chose is not in the phone any more.
        phone.chosen(SendingLab.FIRST)
        phone.cards()
        assertEquals("there is no SIM in the phone", phone.failure(phone.text()))
        Radio.assertNothing()
    }

    @Test
    fun `without the phone permission the owner's choice still sends`() {
        phone.start()
        shadowOf(phone.lab.app as Application).denyPermissions(READ_PHONE_STATE)
        shadowOf(phone.lab.app.service<SubscriptionManager>()).setReadPhoneStatePermission(false)
        phone.text()
        assertEquals(SendingLab.FIRST, Radio.next().subscription)
        assertEquals(
            "the app may not see the phone's SIMs, so it cannot choose one; grant it the phone permission in the phone's settings",
            phone.failure(by(2)),
        )
        phone.chosen(NONE)
        val telephony = shadowOf(phone.lab.app.service<TelephonyManager>())
        telephony.setPhoneCount(2)
        telephony.setSimState(0, TelephonyManager.SIM_STATE_READY)
        telephony.setSimState(1, TelephonyManager.SIM_STATE_READY)
        assertTrue(phone.failure(phone.text()).startsWith("the phone has several SIMs"))
        telephony.setSimState(0, TelephonyManager.SIM_STATE_ABSENT)
        telephony.setSimState(1, TelephonyManager.SIM_STATE_ABSENT)
        assertEquals("there is no SIM in the phone", phone.failure(phone.text()))
    }

    @Test
    fun `what the platform refuses is failed with a sentence`() {
        phone.start()
        val rows = listOf(
            SecurityException("no permission") to "the app may not send SMS; allow it in the phone's settings",
            IllegalArgumentException("Invalid destinationAddress") to "the phone refused the message as invalid",
            UnsupportedOperationException("Sms is not supported") to
                "the phone's SMS service did not accept the message (java.lang.UnsupportedOperationException)",
        )
        for ((thrown, reason) in rows) {
            Radio.failure = thrown
            assertEquals(reason, phone.failure(phone.text()))
            assertEquals(reason, phone.failure(phone.text("x".repeat(200))))
            assertEquals(reason, phone.failure(phone.post("""{"dataMessage":{"data":"AAEC","port":1}}""")))
        }
        Radio.assertNothing()
    }

    @Test
    fun `after any other error it may be on its way, so it is neither failed nor sent again`() {
        phone.start("sms:sent", "sms:failed")
        for (thrown in listOf(NullPointerException(), IllegalStateException(), RuntimeException(), OutOfMemoryError())) {
            Radio.failure = thrown
            val id = phone.text()
            phone.reaches(id, "Processed")
            Radio.failure = null
            // The next one shows that the sender went on without it.
            val next = phone.text("next")
            val call = Radio.next()
            assertEquals("next", call.text)
            phone.fire(call.sent.single())
            assertEquals(next, phone.event("sms:sent").getString("messageId"))
            assertEquals("Processed", phone.message(id).getString("state"))
        }
        phone.receiver.assertNothing()
        Radio.assertNothing()
    }

    @Test
    fun `never more than 30 parts in a minute, and an alarm for the rest`() {
        phone.start()
        val two = "x".repeat(200)
        repeat(14) { phone.text(two) }
        val three = phone.text("x".repeat(400))
        repeat(14) { assertEquals(2, Radio.next().parts.size) }
        phone.lab.eventually("an alarm waits for the next") {
            shadowOf(phone.lab.app.service<AlarmManager>()).scheduledAlarms.any {
                it.triggerAtTime - SystemClock.elapsedRealtime() in 55_000..66_000
            }
        }
        assertEquals("Pending", phone.message(three).getString("state"))
        Radio.assertNothing()
    }

    @Test
    fun `a text that alone is beyond the phone's limit is refused`() {
        phone.start()
        val reason = "the message needs 31 parts, and the phone lets an app send 30 in a minute before it asks its user; shorten it"
        val long = JSONObject("""{"phoneNumbers":["+12025550143"]}""").put("message", "x".repeat(30 * 153 + 1))
        val refused = JSONObject(phone.lab.call("POST", "/messages", long, 400))
        assertEquals("textMessage.text: $reason.", refused.getString("message"))
        phone.text("x".repeat(30 * 153))
        assertEquals(30, Radio.next().parts.size)
    }

    private companion object {
        const val NONE = SubscriptionManager.INVALID_SUBSCRIPTION_ID
    }
}

package dev.simrelay

import android.content.Intent
import android.os.BatteryManager
import android.telephony.SubscriptionInfo
import android.telephony.SubscriptionManager
import org.json.JSONArray
import org.json.JSONObject
import org.junit.After
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config
import org.robolectric.annotation.Implementation
import org.robolectric.annotation.Implements
import org.robolectric.shadows.ShadowSubscriptionManager
import org.robolectric.shadows.ShadowSubscriptionManager.SubscriptionInfoBuilder

/** As Android 8.0: who may not see the SIMs may not listen for their changes either. */
@Implements(SubscriptionManager::class)
class StrictSubscriptions : ShadowSubscriptionManager() {
    @Implementation
    override fun addOnSubscriptionsChangedListener(listener: SubscriptionManager.OnSubscriptionsChangedListener) {
        if (!permitted) throw SecurityException("Neither user nor current process has READ_PHONE_STATE")
        super.addOnSubscriptionsChangedListener(listener)
    }

    companion object {
        @Volatile
        var permitted = true
    }
}

/** A phone with two SIM cards. The platform's ids of them have nothing to do with their slots. */
@RunWith(ShellTestRunner::class)
class SimsTest {
    private val lab = Lab()
    private val receiver = Receiver()
    private val subscriptions = shadowOf(lab.app.service<SubscriptionManager>())
    private val first = sim(id = 7, slot = 0, number = "+12025550100")
    private val second = sim(id = 3, slot = 1, number = "+12025550101")

    @After
    fun stop() {
        lab.close()
        receiver.close()
    }

    @Test
    fun `a message tells its SIM and that SIM's own number, by the slot or by the platform's id`() {
        subscriptions.setActiveSubscriptionInfos(second, first)
        begin()
        val rows: List<Pair<Intent.() -> Unit, Pair<Int, String>>> = listOf<Pair<Intent.() -> Unit, Pair<Int, String>>>(
            Pair({ putExtra("android.telephony.extra.SLOT_INDEX", 0) }, 1 to "+12025550100"),
            Pair({ putExtra("slot", 1) }, 2 to "+12025550101"),
            Pair({ putExtra("android.telephony.extra.SUBSCRIPTION_INDEX", 7) }, 1 to "+12025550100"),
            Pair({ putExtra("subscription", 3) }, 2 to "+12025550101"),
            Pair({ putExtra("subscription", 3L).putExtra("slot", -1) }, 2 to "+12025550101"),
            // The slot is what the radio says; the id is what the platform makes of it.
            Pair({ putExtra("slot", 0).putExtra("subscription", 3) }, 1 to "+12025550100"),
        )
        for ((extras, expected) in rows) {
            val payload = receive(extras)
            assertEquals(expected, payload.getInt("simNumber") to payload.getString("recipient"))
        }
        val cards = JSONArray(lab.call("GET", "/devices", null, 200)).getJSONObject(0).getJSONArray("simCards")
        assertEquals(listOf(1, 2), (0 until cards.length()).map { cards.getJSONObject(it).getInt("simNumber") })
        assertEquals("Carrier 1", cards.getJSONObject(1).getString("carrierName"))
    }

    @Test
    fun `a SIM that nobody knows is no reason to lose its message`() {
        subscriptions.setActiveSubscriptionInfos(first)
        begin()
        val payload = receive { putExtra("subscription", 99) }
        assertFalse(payload.has("simNumber"))
        assertFalse(payload.has("recipient"))
    }

    @Test
    fun `a SIM that is put in while the gateway runs is known at once`() {
        subscriptions.setActiveSubscriptionInfos(first)
        begin()
        subscriptions.setActiveSubscriptionInfos(first, second)
        lab.settle()
        assertEquals("+12025550101", receive { putExtra("subscription", 3) }.getString("recipient"))
    }

    @Test
    @Config(shadows = [StrictSubscriptions::class])
    fun `without the phone permission the gateway runs, and a later grant needs no restart`() {
        StrictSubscriptions.permitted = false
        subscriptions.setActiveSubscriptionInfos(first)
        begin()
        StrictSubscriptions.permitted = true
        lab.app.sendStickyBroadcast(Intent(Intent.ACTION_BATTERY_CHANGED).putExtra(BatteryManager.EXTRA_LEVEL, 50))
        lab.settle()
        subscriptions.setActiveSubscriptionInfos(first, second)
        lab.settle()
        assertEquals("+12025550101", receive { putExtra("subscription", 3) }.getString("recipient"))
        // What does not listen is not removed, and the service ends without harm.
        StrictSubscriptions.permitted = false
        lab.stopService()
        lab.runService()
        lab.stopService()
        StrictSubscriptions.permitted = true
    }

    private fun begin() {
        lab.start()
        lab.network(validated = true)
        lab.webhook("sms:received", receiver)
    }

    private fun receive(extras: Intent.() -> Unit): JSONObject {
        lab.sms(listOf(Pdus.HOW_ARE_YOU), extras)
        return receiver.next().getJSONObject("payload")
    }

    private fun sim(id: Int, slot: Int, number: String): SubscriptionInfo {
        subscriptions.setPhoneNumber(id, number)
        return SubscriptionInfoBuilder.newBuilder().setId(id).setSimSlotIndex(slot).setNumber(number)
            .setCarrierName("Carrier $slot").buildSubscriptionInfo()
    }
}

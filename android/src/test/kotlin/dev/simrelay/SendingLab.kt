package dev.simrelay

import android.Manifest.permission.READ_PHONE_STATE
import android.app.Activity
import android.app.Application
import android.app.PendingIntent
import android.content.Intent
import android.telephony.SmsManager
import android.telephony.SubscriptionManager
import org.json.JSONObject
import org.junit.Assert.assertEquals
import org.robolectric.Shadows.shadowOf
import org.robolectric.shadows.ShadowSubscriptionManager
import org.robolectric.shadows.ShadowSubscriptionManager.SubscriptionInfoBuilder

/** A phone with two SIM cards that sends: what a client posts, and what the platform says of it. */
class SendingLab {
    val lab = Lab()
    val receiver = Receiver()

    init {
        Radio.forget()
        shadowOf(lab.app as Application).grantPermissions(READ_PHONE_STATE)
        cards(FIRST to 0, SECOND to 1)
        chosen(FIRST)
    }

    /** The gateway runs, and tells of these events. */
    fun start(vararg events: String) {
        lab.start()
        lab.network(validated = true)
        for (event in events) lab.webhook(event, receiver)
    }

    /** The cards in the phone: the platform's id of each, and its slot. */
    fun cards(vararg cards: Pair<Int, Int>) {
        val infos = cards.map { (id, slot) ->
            SubscriptionInfoBuilder.newBuilder().setId(id).setSimSlotIndex(slot).setCountryIso("us").buildSubscriptionInfo()
        }
        shadowOf(lab.app.service<SubscriptionManager>()).setActiveSubscriptionInfoList(infos)
    }

    /** The owner chose that card for SMS. */
    fun chosen(subscription: Int) = ShadowSubscriptionManager.setDefaultSmsSubscriptionId(subscription)

    /** Posts a message; its id. */
    fun post(fields: String): String {
        val body = JSONObject("""{"phoneNumbers":["+12025550143"]}""")
        val given = JSONObject(fields)
        given.keys().forEach { body.put(it, given.get(it)) }
        return JSONObject(lab.call("POST", "/messages", body, 202)).getString("id")
    }

    fun text(text: String = "Hello"): String = post(JSONObject().put("textMessage", JSONObject().put("text", text)).toString())

    fun message(id: String) = JSONObject(lab.call("GET", "/messages/$id", null, 200))

    /** The message once it is in that state. */
    fun reaches(id: String, state: String): JSONObject {
        lab.eventually("$id is $state") { message(id).getString("state") == state }
        return message(id)
    }

    /** The reason it failed with. */
    fun failure(id: String): String =
        reaches(id, "Failed").getJSONArray("recipients").getJSONObject(0).getString("error")

    /** The platform fires an intent; returns when the receiver has finished. */
    fun fire(intent: PendingIntent, code: Int = Activity.RESULT_OK, extras: Intent.() -> Unit = {}) =
        lab.deliver(Intent(shadowOf(intent).savedIntent).apply(extras), code)

    fun fail(intent: PendingIntent, code: Int = SmsManager.RESULT_ERROR_GENERIC_FAILURE) = fire(intent, code)

    /** The other network reports with that TP-Status. */
    fun report(intent: PendingIntent, status: Int) =
        fire(intent) { putExtra("pdu", Pdus.statusReport(status)).putExtra("format", "3gpp") }

    /** The next webhook, which must be this event; its payload. */
    fun event(name: String): JSONObject {
        val event = receiver.next()
        assertEquals(name, event.getString("event"))
        return event.getJSONObject("payload")
    }

    fun close() {
        lab.close()
        receiver.close()
        Radio.forget()
    }

    companion object {
        /** The platform's ids of the cards with the numbers 1 and 2. */
        const val FIRST = 11
        const val SECOND = 22
    }
}

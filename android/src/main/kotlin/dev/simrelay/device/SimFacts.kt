package dev.simrelay.device

import android.Manifest.permission.READ_PHONE_STATE
import android.content.Context
import android.content.pm.PackageManager.PERMISSION_GRANTED
import android.telephony.SubscriptionInfo
import android.telephony.SubscriptionManager
import android.util.Log
import dev.simrelay.Platform
import dev.simrelay.TAG
import org.json.JSONArray
import org.json.JSONObject
import java.util.Locale

/** The SIM cards in the phone, as far as the owner lets us see them: none without the phone permission. */
class SimFacts(private val context: Context) {
    private val subscriptions = context.getSystemService(SubscriptionManager::class.java)

    /** The cards by slot. `simNumber` is what clients use: slot + 1. */
    fun json(): JSONArray = array(active().sortedBy { it.simSlotIndex }.map(::json))

    /** The number of the SIM that the platform calls [subscription]; 0: unknown. */
    fun numberOf(subscription: Int): Int =
        if (subscription < 0) 0 else active().find { it.subscriptionId == subscription }?.let { it.simSlotIndex + 1 } ?: 0

    /** The platform's ids of the cards by their numbers; null if the owner does not let us see them. */
    fun subscriptions(): Map<Int, Int>? {
        if (context.checkSelfPermission(READ_PHONE_STATE) != PERMISSION_GRANTED) return null
        return active().associate { it.simSlotIndex + 1 to it.subscriptionId }
    }

    private fun active(): List<SubscriptionInfo> = try {
        subscriptions?.activeSubscriptionInfoList.orEmpty().filter { it.simSlotIndex >= 0 }
    } catch (_: SecurityException) {
        emptyList()
    }

    private fun json(sim: SubscriptionInfo): JSONObject = JSONObject()
        .put("slotIndex", sim.simSlotIndex)
        .put("simNumber", sim.simSlotIndex + 1)
        .putOpt("phoneNumber", phoneNumber(sim))
        .putOpt("carrierName", sim.carrierName?.toString()?.ifBlank { null })
        .putOpt("iccid", iccid(sim))
        .putOpt("country", sim.countryIso?.uppercase(Locale.ROOT)?.ifBlank { null })

    private fun phoneNumber(sim: SubscriptionInfo): String? = try {
        subscriptions?.let { Platform.phoneNumber(it, sim) }?.ifBlank { null }
    } catch (_: SecurityException) {
        null
    } catch (error: RuntimeException) {
        // Phones without calls throw here.
        Log.i(TAG, "a SIM's own number cannot be read: ${error.javaClass.simpleName}")
        null
    }

    /** Since Android 10 the platform keeps it to itself. */
    private fun iccid(sim: SubscriptionInfo): String? = try {
        sim.iccId?.ifBlank { null }
    } catch (_: SecurityException) {
        null
    }
}

package dev.simrelay.device

import android.content.BroadcastReceiver
import android.content.Context
import android.content.Intent
import android.content.Intent.ACTION_BATTERY_CHANGED
import android.content.IntentFilter
import android.security.KeyChain
import android.telephony.SubscriptionManager
import android.util.Log
import dev.simrelay.App
import dev.simrelay.Platform
import dev.simrelay.TAG
import org.json.JSONObject

/** Tells the core of changes of the battery, the SIM cards and the trusted certificates, while the service runs. */
class DeviceWatcher(private val app: App) {
    private val subscriptions = app.getSystemService(SubscriptionManager::class.java)
    private var battery: BatteryFacts.Battery? = null
    private var listens = false

    private val broadcasts = object : BroadcastReceiver() {
        override fun onReceive(context: Context, intent: Intent) {
            when (intent.action) {
                ACTION_BATTERY_CHANGED -> {
                    // The owner may have granted the permission meanwhile, which no broadcast tells.
                    if (!listens) listen()
                    batteryChanged(BatteryFacts.of(intent))
                }
                KeyChain.ACTION_TRUST_STORE_CHANGED ->
                    app.workers.control("the trust store") { app.core.tell { trustChanged(TrustStore.read()) } }
            }
        }
    }

    /** Made on the main thread, and so called there. */
    private val sims = object : SubscriptionManager.OnSubscriptionsChangedListener() {
        override fun onSubscriptionsChanged() =
            app.workers.control("the SIMs") { app.core.tell { deviceChanged(app.device.sims().toString()) } }
    }

    /** On the main thread. */
    fun begin() {
        val filter = IntentFilter(ACTION_BATTERY_CHANGED)
        filter.addAction(KeyChain.ACTION_TRUST_STORE_CHANGED)
        Platform.registerForSystemBroadcasts(app, broadcasts, filter)
        if (!listen()) Log.w(TAG, "changes of the SIMs are not told without the phone permission")
    }

    /** On the main thread. */
    fun end() {
        app.unregisterReceiver(broadcasts)
        if (listens) subscriptions?.removeOnSubscriptionsChangedListener(sims)
        listens = false
    }

    /**
     * Android 8.0 throws here without the phone permission; later versions tell less instead. What the
     * platform asks for with an executor is newer than API 26.
     */
    @Suppress("DEPRECATION")
    private fun listen(): Boolean {
        try {
            subscriptions?.addOnSubscriptionsChangedListener(sims)
            listens = true
        } catch (_: SecurityException) {
            listens = false
        }
        return listens
    }

    /** The platform says something every few seconds; only level and plug are of interest. */
    private fun batteryChanged(now: BatteryFacts.Battery) {
        if (now == battery) return
        battery = now
        app.workers.control("the battery") {
            app.core.tell { deviceChanged(JSONObject().put("battery", now.json()).toString()) }
        }
    }
}

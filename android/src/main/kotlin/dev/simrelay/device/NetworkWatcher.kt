package dev.simrelay.device

import android.content.BroadcastReceiver
import android.content.Context
import android.content.Intent
import android.content.IntentFilter
import android.net.ConnectivityManager
import android.net.Network
import android.net.NetworkCapabilities
import android.os.PowerManager
import android.util.Log
import dev.simrelay.App
import dev.simrelay.Platform
import dev.simrelay.TAG
import dev.simrelay.service

/** Tells the core how the phone is connected, whenever that changes. What did not change is told to nobody. */
class NetworkWatcher(private val app: App) {
    private val connectivity = app.service<ConnectivityManager>()
    private var capabilities: NetworkCapabilities? = null
    private var blocked = false
    private var registered = false
    private var told: NetworkFacts.Network? = null

    private val network = object : ConnectivityManager.NetworkCallback() {
        override fun onCapabilitiesChanged(network: Network, capabilities: NetworkCapabilities) =
            change { this@NetworkWatcher.capabilities = capabilities }

        override fun onLost(network: Network) = change { capabilities = null }

        /** Since Android 10: Doze, the data saver or the owner cut this app off, or let it go on. */
        override fun onBlockedStatusChanged(network: Network, blocked: Boolean) =
            change { this@NetworkWatcher.blocked = blocked }
    }

    /** Before Android 10 some of these may cut us off without a word to the callback; without one they are all there is. */
    private val broadcasts = object : BroadcastReceiver() {
        override fun onReceive(context: Context, intent: Intent) = change {}
    }

    /** The platform tells the state of now at once. */
    @Suppress("DEPRECATION")
    fun begin() {
        register()
        val filter = IntentFilter(PowerManager.ACTION_DEVICE_IDLE_MODE_CHANGED)
        filter.addAction(PowerManager.ACTION_POWER_SAVE_MODE_CHANGED)
        filter.addAction(ConnectivityManager.ACTION_RESTRICT_BACKGROUND_CHANGED)
        if (!registered) filter.addAction(ConnectivityManager.CONNECTIVITY_ACTION)
        Platform.registerForSystemBroadcasts(app, broadcasts, filter)
    }

    fun end() {
        if (registered) connectivity.unregisterNetworkCallback(network)
        app.unregisterReceiver(broadcasts)
    }

    /** Android 11 sometimes refuses it, see [NetworkFacts.read]. Synchronized, so that no callback comes before its end. */
    @Synchronized
    private fun register() = try {
        connectivity.registerDefaultNetworkCallback(network)
        registered = true
    } catch (error: RuntimeException) {
        Log.w(TAG, "the phone does not let us watch the network; its broadcasts are watched instead", error)
        registered = false
    }

    @Synchronized
    private fun change(what: () -> Unit) {
        what()
        val now = if (registered) app.device.network.of(capabilities, blocked) else app.device.network.read()
        app.workers.control("the network") { tell(now) }
    }

    private fun tell(now: NetworkFacts.Network) {
        if (now == told || !app.core.isOpen) return
        told = now
        app.core.tell { networkChanged(now.online, now.transport, now.cellular) }
        app.state.refresh()
    }
}

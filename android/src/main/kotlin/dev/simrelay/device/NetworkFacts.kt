package dev.simrelay.device

import android.net.ConnectivityManager
import android.net.NetworkCapabilities
import android.net.NetworkCapabilities.NET_CAPABILITY_INTERNET
import android.net.NetworkCapabilities.NET_CAPABILITY_VALIDATED
import android.net.NetworkCapabilities.TRANSPORT_CELLULAR
import android.net.NetworkCapabilities.TRANSPORT_ETHERNET
import android.net.NetworkCapabilities.TRANSPORT_WIFI
import android.net.NetworkInfo
import android.os.Build
import android.telephony.TelephonyManager
import android.util.Log
import dev.simrelay.App
import dev.simrelay.TAG
import dev.simrelay.service
import org.json.JSONObject

/** How the phone is connected, in the numbers of the health checks (`connection:transport`, `connection:cellular`). */
class NetworkFacts(private val app: App) {
    data class Network(val online: Boolean, val transport: Int, val cellular: Int) {
        fun json(): JSONObject = JSONObject()
            .put("online", online).put("transport", transport).put("cellular", cellular)
    }

    private val connectivity = app.service<ConnectivityManager>()
    private val telephony = app.getSystemService(TelephonyManager::class.java)

    /** As it is now. */
    fun read(): Network = try {
        of(connectivity.activeNetwork?.let(connectivity::getNetworkCapabilities), blocked = false)
    } catch (error: RuntimeException) {
        // Android 11 sometimes takes us for another app (issuetracker.google.com/175055271). The attempts tell.
        Log.w(TAG, "the phone does not tell how it is connected: $error")
        Network(online = true, transport = UNKNOWN, cellular = 0)
    }

    /** Online is: the platform reached the internet over it, and does not block it for this app. */
    fun of(capabilities: NetworkCapabilities?, blocked: Boolean): Network {
        if (capabilities == null) return NONE
        val validated = capabilities.hasCapability(NET_CAPABILITY_INTERNET) &&
            capabilities.hasCapability(NET_CAPABILITY_VALIDATED)
        val transport = transport(capabilities)
        val cellular = if (transport == CELLULAR) generation() else 0
        return Network(validated && !blocked && !blockedBeforeAndroid10(), transport, cellular)
    }

    /** Tells the core as it is now. */
    fun tell(): Network {
        val now = read()
        app.core.tell { networkChanged(now.online, now.transport, now.cellular) }
        return now
    }

    /** Later versions say it to a callback; before, only this old way shows that Doze or the data saver cut us off. */
    @Suppress("DEPRECATION")
    private fun blockedBeforeAndroid10(): Boolean =
        Build.VERSION.SDK_INT < Build.VERSION_CODES.Q &&
            connectivity.activeNetworkInfo?.detailedState == NetworkInfo.DetailedState.BLOCKED

    private fun transport(capabilities: NetworkCapabilities): Int = when {
        capabilities.hasTransport(TRANSPORT_ETHERNET) -> ETHERNET
        capabilities.hasTransport(TRANSPORT_WIFI) -> WIFI
        capabilities.hasTransport(TRANSPORT_CELLULAR) -> CELLULAR
        else -> UNKNOWN
    }

    private fun generation(): Int = try {
        when (telephony?.dataNetworkType ?: TelephonyManager.NETWORK_TYPE_UNKNOWN) {
            TelephonyManager.NETWORK_TYPE_GPRS, TelephonyManager.NETWORK_TYPE_EDGE,
            TelephonyManager.NETWORK_TYPE_CDMA, TelephonyManager.NETWORK_TYPE_1xRTT,
            TelephonyManager.NETWORK_TYPE_GSM,
            -> 2
            TelephonyManager.NETWORK_TYPE_UMTS, TelephonyManager.NETWORK_TYPE_HSDPA,
            TelephonyManager.NETWORK_TYPE_HSUPA, TelephonyManager.NETWORK_TYPE_HSPA,
            TelephonyManager.NETWORK_TYPE_HSPAP, TelephonyManager.NETWORK_TYPE_EVDO_0,
            TelephonyManager.NETWORK_TYPE_EVDO_A, TelephonyManager.NETWORK_TYPE_EVDO_B,
            TelephonyManager.NETWORK_TYPE_EHRPD, TelephonyManager.NETWORK_TYPE_TD_SCDMA,
            -> 3
            TelephonyManager.NETWORK_TYPE_LTE, TelephonyManager.NETWORK_TYPE_IWLAN -> 4
            TelephonyManager.NETWORK_TYPE_NR -> 5
            else -> 1
        }
    } catch (_: RuntimeException) {
        // Without the phone permission the generation stays unnamed.
        1
    }

    companion object {
        private const val UNKNOWN = 1
        private const val CELLULAR = 2
        private const val WIFI = 4
        private const val ETHERNET = 8

        val NONE = Network(online = false, transport = 0, cellular = 0)
    }
}

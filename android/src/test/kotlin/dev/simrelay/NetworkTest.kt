package dev.simrelay

import android.content.Intent
import android.net.ConnectivityManager
import android.net.ConnectivityManager.NetworkCallback
import android.net.Network
import android.net.NetworkCapabilities
import android.os.BatteryManager
import android.os.Build
import org.json.JSONArray
import org.json.JSONObject
import org.junit.After
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertTrue
import org.junit.Before
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.annotation.Config
import org.robolectric.annotation.Implementation
import org.robolectric.annotation.Implements
import org.robolectric.shadows.ShadowConnectivityManager
import java.util.TimeZone

/** As Android 11 at times: it takes the app for another one (issuetracker.google.com/175055271). */
@Implements(ConnectivityManager::class)
class ForgetfulConnectivity : ShadowConnectivityManager() {
    @Implementation
    override fun registerDefaultNetworkCallback(callback: NetworkCallback) {
        check()
        super.registerDefaultNetworkCallback(callback)
    }

    @Implementation
    override fun unregisterNetworkCallback(callback: NetworkCallback) {
        require(callback in networkCallbacks) { "NetworkCallback was not registered" }
        super.unregisterNetworkCallback(callback)
    }

    @Implementation
    override fun getNetworkCapabilities(network: Network?): NetworkCapabilities? {
        check()
        return super.getNetworkCapabilities(network)
    }

    private fun check() {
        if (isBroken) throw SecurityException("Package android does not belong to 10123")
    }

    companion object {
        @Volatile
        var isBroken = false
    }
}

@RunWith(ShellTestRunner::class)
class NetworkTest {
    private val lab = Lab()
    private val zone = TimeZone.getDefault()

    @Before
    fun start() = lab.start()

    @After
    fun stop() {
        TimeZone.setDefault(zone)
        lab.close()
    }

    @Test
    fun `a network that is not validated or is blocked burns no retry`() = Receiver().use { receiver ->
        lab.network(validated = false)
        lab.webhook("sms:received", receiver)
        lab.sms(listOf(Pdus.HOW_ARE_YOU))
        assertEquals(0, lab.health().getJSONObject("connection:status").getInt("observedValue"))
        if (Build.VERSION.SDK_INT >= 29) {
            lab.blocked(true)
            lab.network(validated = true)
            assertEquals("validated, but blocked", 0, lab.health().getJSONObject("connection:status").getInt("observedValue"))
            lab.eventually("nothing waits for the CPU") { !lab.app.deliveries.pending }
        }
        assertEquals(1, lab.app.core.status()!!.pending)
        receiver.assertNothing()
        if (Build.VERSION.SDK_INT >= 29) lab.blocked(false)
        lab.network(validated = true)
        receiver.next()
        val attempts = JSONArray(lab.call("GET", "/logs", null, 200))
        val failed = (0 until attempts.length()).map(attempts::getJSONObject)
            .filter { it.optJSONObject("context")?.has("attempt") == true && it.getString("priority") != "INFO" }
        assertTrue("$failed", failed.isEmpty())
    }

    @Test
    @Config(shadows = [ForgetfulConnectivity::class])
    fun `where the phone tells nothing of the network, attempts tell, until it does`() = Receiver().use { receiver ->
        lab.stopService()
        ForgetfulConnectivity.isBroken = true
        lab.runService()
        assertTrue("let in", lab.app.starter.running)
        lab.eventually("the core runs") { lab.app.core.status()!!.serving }
        ForgetfulConnectivity.isBroken = false
        lab.webhook("sms:received", receiver)
        for (validated in listOf(false, true)) {
            // Nobody watches but the receiver of the broadcasts.
            lab.network(validated)
            @Suppress("DEPRECATION")
            lab.app.sendBroadcast(Intent(ConnectivityManager.CONNECTIVITY_ACTION))
            lab.settle()
            val online = lab.health().getJSONObject("connection:status").getInt("observedValue")
            assertEquals(if (validated) 1 else 0, online)
        }
        ForgetfulConnectivity.isBroken = true
        lab.sms(listOf(Pdus.HOW_ARE_YOU))
        receiver.next()
        val facts = lab.app.device.json()
        assertTrue("$facts", facts.getJSONObject("network").getBoolean("online"))
        // What is not registered is not unregistered, which the platform would punish.
        lab.stopService()
        ForgetfulConnectivity.isBroken = false
    }

    @Test
    fun `battery and time zone are told`() {
        lab.app.sendStickyBroadcast(
            Intent(Intent.ACTION_BATTERY_CHANGED).putExtra(BatteryManager.EXTRA_LEVEL, 30)
                .putExtra(BatteryManager.EXTRA_SCALE, 200)
                .putExtra(BatteryManager.EXTRA_PLUGGED, BatteryManager.BATTERY_PLUGGED_USB),
        )
        lab.settle()
        assertEquals(15, lab.health().getJSONObject("battery:level").getInt("observedValue"))
        assertEquals(4, lab.health().getJSONObject("battery:charging").getInt("observedValue"))
        TimeZone.setDefault(TimeZone.getTimeZone("Asia/Bangkok"))
        lab.broadcast(Intent(Intent.ACTION_TIMEZONE_CHANGED))
        lab.settle()
        val device = JSONArray(lab.call("GET", "/devices", null, 200)).getJSONObject(0)
        assertTrue(device.toString(), device.getString("createdAt").endsWith("+07:00"))
    }

    @Test
    fun `the phone stays awake only while something is delivered`() = Receiver().use { receiver ->
        lab.network(validated = true)
        lab.webhook("sms:received", receiver)
        lab.sms(listOf(Pdus.HOW_ARE_YOU))
        receiver.next()
        lab.eventually("the wake lock is let go") { !lab.app.wakeLock.isHeld }
        assertFalse(lab.app.deliveries.pending)
    }

    @Test
    fun `what keeps the gateway from its work is in health`() {
        val checks = lab.health()
        for (code in listOf("permission-sms", "permission-phone", "battery-optimisation")) {
            val check = checks.optJSONObject("shell:$code")
            assertEquals("$code in $checks", "warn", check?.getString("status"))
            assertTrue(check!!.getString("description").endsWith("."))
        }
        assertEquals(JSONObject(NativeBridge.status()).getJSONObject("health").getString("status"), "warn")
    }
}

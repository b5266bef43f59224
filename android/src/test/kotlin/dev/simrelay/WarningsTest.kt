package dev.simrelay

import android.Manifest.permission
import android.app.ActivityManager
import android.app.Application
import android.app.KeyguardManager
import android.os.Build
import android.os.PowerManager
import org.json.JSONObject
import org.junit.After
import org.junit.Assert.assertEquals
import org.junit.Assert.assertNull
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config

/** A phone on which one of the services takes the app for another one. */
class ForgetfulApp : App() {
    override fun getSystemService(name: String): Any? {
        if (isBroken && name == KEYGUARD_SERVICE) throw SecurityException("Package android does not belong to 10123")
        return super.getSystemService(name)
    }

    companion object {
        @Volatile
        var isBroken = false
    }
}

/** What may keep the gateway from its work is in health, and is looked at again at every start. */
@RunWith(ShellTestRunner::class)
class WarningsTest {
    private val lab = Lab()
    private val packages get() = shadowOf(lab.app.packageManager)
    private val activities get() = shadowOf(lab.app.service<ActivityManager>())

    @After
    fun stop() = lab.close()

    @Test
    fun `battery optimisation`() = check("battery-optimisation", since = 26) { isWrong ->
        shadowOf(lab.app.service<PowerManager>()).setIgnoringBatteryOptimizations("dev.simrelay", !isWrong)
    }

    @Test
    fun `permissions that the system takes away when nobody opens the app`() = check("auto-reset", since = 30) { isWrong ->
        if (Build.VERSION.SDK_INT >= 30) packages.setAutoRevokeWhitelisted(!isWrong)
    }

    @Test
    fun `a restriction in the background`() = check("background-restricted", since = 28) { isWrong ->
        if (Build.VERSION.SDK_INT >= 28) activities.setBackgroundRestricted(isWrong)
    }

    @Test
    fun `a secure lock, which keeps everything back after a reboot`() = check("secure-lock", since = 26) { isWrong ->
        shadowOf(lab.app.service<KeyguardManager>()).setIsDeviceSecure(isWrong)
    }

    @Test
    @Config(application = ForgetfulApp::class)
    fun `what the phone does not tell is left out, and the rest is told`() {
        ForgetfulApp.isBroken = true
        val facts = lab.app.device.json()
        assertEquals(setOf("zone", "locale", "boot", "name", "sims", "battery", "network"), facts.keys().asSequence().toSet() + "boot")
        lab.start()
        assertTrue("${lab.health()}", lab.health().has("battery:level"))
        assertNull(warning("battery-optimisation"))
        ForgetfulApp.isBroken = false
        lab.runService()
        assertEquals("warn", warning("battery-optimisation")!!.getString("status"))
    }

    @Test
    fun `a phone that is set up has nothing to warn of`() {
        shadowOf(lab.app as Application).grantPermissions(
            permission.RECEIVE_SMS, permission.RECEIVE_MMS, permission.READ_SMS, permission.SEND_SMS, permission.READ_PHONE_STATE,
            permission.READ_PHONE_NUMBERS, permission.POST_NOTIFICATIONS,
        )
        shadowOf(lab.app.service<PowerManager>()).setIgnoringBatteryOptimizations("dev.simrelay", true)
        if (Build.VERSION.SDK_INT >= 30) packages.setAutoRevokeWhitelisted(true)
        lab.start()
        val shell = lab.health().keys().asSequence().filter { it.startsWith("shell:") }.toList()
        assertEquals(emptyList<String>(), shell)
    }

    /** There at the start, gone at the next one, there again at the one after; before [since] never. */
    private fun check(code: String, since: Int, set: (Boolean) -> Unit) {
        set(true)
        lab.start()
        val exists = Build.VERSION.SDK_INT >= since
        assertEquals(code, exists, warning(code) != null)
        if (exists) {
            assertEquals("warn", warning(code)!!.getString("status"))
            assertTrue(warning(code)!!.getString("description").endsWith("."))
            val health = JSONObject(NativeBridge.status()).getJSONObject("health")
            assertEquals("a warning and no more", "warn", health.getString("status"))
        }
        set(false)
        lab.runService()
        assertNull(code, warning(code))
        set(true)
        lab.runService()
        assertEquals(code, exists, warning(code) != null)
    }

    private fun warning(code: String): JSONObject? = lab.health().optJSONObject("shell:$code")
}

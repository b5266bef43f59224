package dev.simrelay

import android.Manifest.permission.READ_SMS
import android.Manifest.permission.RECEIVE_MMS
import android.Manifest.permission.RECEIVE_SMS
import android.Manifest.permission.SEND_SMS
import android.app.ActivityManager
import android.app.AlertDialog
import android.app.Application
import android.app.KeyguardManager
import android.content.ClipboardManager
import android.content.Intent
import android.content.pm.PackageInstaller
import android.content.res.Configuration
import android.os.Build
import android.os.PowerManager
import android.provider.Settings
import android.view.View
import android.view.ViewGroup
import android.widget.EditText
import android.widget.TextView
import dev.simrelay.device.PermissionGroup
import dev.simrelay.running.GatewayService
import dev.simrelay.setup.SetupActivity
import org.junit.After
import org.junit.Assert.assertEquals
import org.junit.Assert.assertNotNull
import org.junit.Assert.assertNull
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.Robolectric
import org.robolectric.Shadows.shadowOf
import org.robolectric.shadows.ShadowAlertDialog
import org.robolectric.shadows.ShadowToast
import java.net.ServerSocket
import java.util.Locale

@RunWith(ShellTestRunner::class)
class SetupTest {
    private val lab = Lab()
    private val screen by lazy { Robolectric.buildActivity(SetupActivity::class.java).setup().also { lab.settle() } }
    private val permissions = arrayOf(RECEIVE_SMS, RECEIVE_MMS, READ_SMS, SEND_SMS)

    @After
    fun stop() {
        screen.pause().stop().destroy()
        lab.close()
    }

    @Test
    fun `without permissions each is asked for by itself, with its reason`() {
        assertTrue(texts().any { it.startsWith("SMS: To receive SMS") })
        press("allow-sms")
        assertEquals(permissions.toList(), shadowOf(screen.get()).lastRequestedPermission.requestedPermissions.toList())
        press("allow-phone")
        assertEquals(PermissionGroup.PHONE.permissions, shadowOf(screen.get()).lastRequestedPermission.requestedPermissions.toList())
    }

    @Test
    fun `a permission that the system refuses by itself leads to its settings`() {
        screen.get().onRequestPermissionsResult(PermissionGroup.SMS.ordinal, permissions, IntArray(4) { -1 })
        lab.settle()
        press("settings-sms")
        val intent = shadowOf(screen.get()).nextStartedActivity
        assertEquals(Settings.ACTION_APPLICATION_DETAILS_SETTINGS, intent.action)
        assertEquals("dev.simrelay", intent.data?.schemeSpecificPart)
    }

    @Test
    fun `a permission that disappears is told on the screen and in health`() {
        lab.start()
        shadowOf(lab.app as Application).grantPermissions(*permissions)
        screen.get()
        shadowOf(lab.app as Application).denyPermissions(*permissions)
        screen.pause().resume()
        lab.settle()
        assertTrue(texts().any { it == "A permission was withdrawn: SMS. Allow it again in the app." })
        lab.runService()
        val check = lab.health().getJSONObject("shell:permission-sms")
        assertEquals("A permission was withdrawn: SMS. Allow it again in the app.", check.getString("description"))
    }

    @Test
    fun `the exemption from battery optimisation is asked for until it is there`() {
        press("battery-optimisation")
        val intent = shadowOf(screen.get()).nextStartedActivity
        assertEquals(Settings.ACTION_REQUEST_IGNORE_BATTERY_OPTIMIZATIONS, intent.action)
        shadowOf(lab.app.service<PowerManager>()).setIgnoringBatteryOptimizations("dev.simrelay", true)
        screen.pause().resume()
        lab.settle()
        assertNull(find("battery-optimisation"))
    }

    @Test
    fun `each warning leads to the screen where it is changed`() {
        shadowOf(lab.app.service<KeyguardManager>()).setIsDeviceSecure(true)
        val rows = mutableListOf(
            "battery-optimisation" to Settings.ACTION_REQUEST_IGNORE_BATTERY_OPTIMIZATIONS,
            "secure-lock" to Settings.ACTION_SECURITY_SETTINGS,
        )
        if (Build.VERSION.SDK_INT >= 28) {
            shadowOf(lab.app.service<ActivityManager>()).setBackgroundRestricted(true)
            rows += "background-restricted" to Settings.ACTION_APPLICATION_DETAILS_SETTINGS
        }
        if (Build.VERSION.SDK_INT >= 30) rows += "auto-reset" to Intent.ACTION_AUTO_REVOKE_PERMISSIONS
        for ((code, action) in rows) {
            press(code)
            assertEquals(action, shadowOf(screen.get()).nextStartedActivity.action)
        }
    }

    @Test
    fun `SMS that Android 15 blocks for an app from a file is explained, and only then`() {
        val sources = if (Build.VERSION.SDK_INT >= 33) {
            mapOf(
                PackageInstaller.PACKAGE_SOURCE_LOCAL_FILE to true,
                PackageInstaller.PACKAGE_SOURCE_DOWNLOADED_FILE to true,
                PackageInstaller.PACKAGE_SOURCE_OTHER to false,
                PackageInstaller.PACKAGE_SOURCE_STORE to false,
            )
        } else {
            mapOf(0 to false)
        }
        for ((source, fromFile) in sources) {
            if (Build.VERSION.SDK_INT >= 33) {
                shadowOf(lab.app.packageManager).setInstallSourceInfo("dev.simrelay", null, null, null, null, null, source)
            }
            screen.pause().resume()
            screen.get().onRequestPermissionsResult(PermissionGroup.SMS.ordinal, permissions, IntArray(3) { -1 })
            lab.settle()
            // Android 13 and 14 restrict other things only.
            val expected = fromFile && Build.VERSION.SDK_INT >= 35
            val explained = texts().any { it == lab.app.getString(R.string.permission_restricted) }
            assertEquals("source $source", expected, explained)
            val denied = texts().any { it == lab.app.getString(R.string.permission_denied) }
            assertEquals("source $source", !expected, denied)
        }
        press("allow-sms")
        assertEquals("asked again all the same", permissions.toList(), shadowOf(screen.get()).lastRequestedPermission.requestedPermissions.toList())
    }

    @Test
    fun `what was allowed in the platform's own settings counts when the owner comes back`() {
        lab.start()
        screen.get()
        assertTrue(lab.health().has("shell:permission-sms"))
        shadowOf(lab.app as Application).grantPermissions(*permissions)
        screen.pause().resume()
        lab.settle()
        assertTrue(!lab.health().has("shell:permission-sms"))
    }

    @Test
    fun `start, copy the password, stop`() {
        press("start")
        val started = shadowOf(lab.app as Application).nextStartedService
        assertEquals(GatewayService::class.java.name, started.component?.className)
        lab.start()
        screen.pause().resume()
        lab.settle()
        press("copy-password")
        val copied = lab.app.service<ClipboardManager>().primaryClip!!.getItemAt(0).text
        assertEquals(lab.app.core.status()!!.password, copied)
        val extras = lab.app.service<ClipboardManager>().primaryClip!!.description.extras
        assertTrue("not shown by the platform", extras.getBoolean("android.content.extra.IS_SENSITIVE"))
        press("stop")
        lab.runService(shadowOf(lab.app as Application).nextStartedService)
        assertTrue(!lab.app.preferences.wanted)
    }

    @Test
    fun `a port that is none is told in words, and changes nothing`() {
        lab.start()
        val port = lab.app.core.status()!!.port
        for (wrong in listOf("0", "65536", "99999999999")) {
            changeAccess(R.string.port, wrong)
            assertEquals(wrong, "The port must be a whole number from 1 to 65535.", ShadowToast.getTextOfLatestToast())
            ShadowToast.reset()
            assertEquals(port, lab.app.core.status()!!.port)
        }
    }

    @Test
    fun `a port that turns out to be taken is told without another look`() = ServerSocket(0).use { taken ->
        lab.start()
        changeAccess(R.string.port, "${taken.localPort}")
        lab.eventually("it is told on the screen") { texts().any { "${taken.localPort}" in it && lab.app.core.status()!!.portProblem == it } }
    }

    private fun changeAccess(field: Int, value: String) {
        press("change")
        val dialog = ShadowAlertDialog.getLatestAlertDialog()
        val fields = all(dialog.window!!.decorView).filterIsInstance<EditText>()
        fields.single { it.hint == lab.app.getString(field) }.setText(value)
        dialog.getButton(AlertDialog.BUTTON_POSITIVE).performClick()
        lab.settle()
    }

    @Test
    fun `every text is there in every language of the phone`() {
        fun texts(language: String): List<String> {
            val configuration = Configuration(lab.app.resources.configuration).apply { setLocale(Locale(language)) }
            val context = lab.app.createConfigurationContext(configuration)
            return R.string::class.java.fields.filter { it.name != "app_name" }.map { context.getString(it.getInt(null)) }
        }
        val english = texts("en")
        // "SMS", "API" and the like stay what they are in some languages.
        for (language in listOf("ar", "ru", "zh")) {
            val same = texts(language).zip(english).filter { (own, other) -> own == other }.map { it.first }
            assertTrue("$language: $same", same.all { it == "SMS" })
        }
    }

    private fun press(name: String) {
        lab.settle()
        val button = find(name)
        assertNotNull("there is no button $name", button)
        button!!.performClick()
        lab.settle()
    }

    private fun find(name: String): View? = screen.get().window.decorView.findViewWithTag(name)

    private fun texts() = all(screen.get().window.decorView).filterIsInstance<TextView>().map { it.text.toString() }

    private fun all(view: View): List<View> =
        listOf(view) + if (view is ViewGroup) (0 until view.childCount).flatMap { all(view.getChildAt(it)) } else emptyList()
}

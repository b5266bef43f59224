package dev.simrelay

import android.Manifest.permission
import android.content.ComponentName
import android.content.Intent
import android.content.pm.ApplicationInfo
import android.content.pm.PackageManager
import android.content.pm.ServiceInfo
import android.net.Uri
import android.os.Build
import dev.simrelay.receiving.SmsReceiver
import dev.simrelay.receiving.WapPushReceiver
import dev.simrelay.running.BootReceiver
import dev.simrelay.running.DrainJob
import dev.simrelay.running.GatewayService
import dev.simrelay.running.InboxJob
import dev.simrelay.running.WakeReceiver
import dev.simrelay.sending.SendResultReceiver
import dev.simrelay.setup.PageActivity
import dev.simrelay.setup.SetupActivity
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RuntimeEnvironment
import org.w3c.dom.Element
import org.w3c.dom.NodeList
import java.io.File
import javax.xml.parsers.DocumentBuilderFactory

/** What the platform enforces by the manifest, which Robolectric does not: so the manifest itself is looked at. */
@RunWith(ShellTestRunner::class)
class ManifestTest {
    private val app = RuntimeEnvironment.getApplication()
    private val packages: PackageManager = app.packageManager

    @Test
    fun `a stranger reaches the screen alone, and no receiver without telephony's permissions`() {
        val everything = packages.getPackageInfo(
            app.packageName,
            PackageManager.GET_ACTIVITIES or PackageManager.GET_RECEIVERS or PackageManager.GET_SERVICES or
                PackageManager.GET_PROVIDERS,
        )
        val components = listOf(everything.activities, everything.receivers, everything.services, everything.providers)
            .flatMap { it.orEmpty().toList() }
        val exported = components.filter { it.exported }.map { it.name }.toSet()
        val expected = listOf(SetupActivity::class.java, SmsReceiver::class.java, WapPushReceiver::class.java)
        assertEquals(expected.map { it.name }.toSet(), exported)
        val all = expected + listOf(
            PageActivity::class.java, BootReceiver::class.java, WakeReceiver::class.java,
            GatewayService::class.java, DrainJob::class.java, InboxJob::class.java, SendResultReceiver::class.java,
        )
        assertEquals(all.map { it.name }.toSet(), components.map { it.name }.toSet())
        assertFalse("nothing runs before the first unlock", components.any { it.directBootAware })
    }

    @Test
    fun `only telephony may bring messages`() {
        assertEquals(permission.BROADCAST_SMS, receiver(SmsReceiver::class.java).permission)
        assertEquals(permission.BROADCAST_WAP_PUSH, receiver(WapPushReceiver::class.java).permission)
    }

    @Test
    fun `each broadcast has its receiver, first in line`() {
        val rows = listOf(
            Intent("android.provider.Telephony.SMS_RECEIVED") to SmsReceiver::class.java,
            Intent("android.intent.action.DATA_SMS_RECEIVED", Uri.parse("sms://localhost:0")) to SmsReceiver::class.java,
            Intent("android.intent.action.DATA_SMS_RECEIVED", Uri.parse("sms://localhost:65535")) to SmsReceiver::class.java,
            Intent("android.provider.Telephony.WAP_PUSH_RECEIVED").setType("application/vnd.wap.mms-message")
                to WapPushReceiver::class.java,
        )
        for ((intent, expected) in rows) {
            val found = packages.queryBroadcastReceivers(intent, PackageManager.GET_RESOLVED_FILTER)
            assertEquals("$intent", listOf(expected.name), found.map { it.activityInfo.name })
            assertEquals(999, found.single().filter.priority)
        }
        for (action in listOf("BOOT_COMPLETED", "MY_PACKAGE_REPLACED", "TIME_SET", "TIMEZONE_CHANGED")) {
            val found = packages.queryBroadcastReceivers(Intent("android.intent.action.$action"), 0)
            assertEquals(action, listOf(BootReceiver::class.java.name), found.map { it.activityInfo.name })
        }
    }

    @Test
    fun `the service is of the type that has no time limit`() {
        val service = packages.getServiceInfo(ComponentName(app, GatewayService::class.java), 0)
        assertEquals(512, ServiceInfo.FOREGROUND_SERVICE_TYPE_REMOTE_MESSAGING)
        // Robolectric for Android 8 does not read the attribute, nor does Android 8 itself.
        if (Build.VERSION.SDK_INT >= 29) assertEquals(512, service.foregroundServiceType)
        for (type in listOf(DrainJob::class.java, InboxJob::class.java)) {
            val job = packages.getServiceInfo(ComponentName(app, type), 0)
            assertEquals(permission.BIND_JOB_SERVICE, job.permission)
        }
    }

    @Test
    fun `the permissions are these and no other`() {
        val asked = packages.getPackageInfo(app.packageName, PackageManager.GET_PERMISSIONS).requestedPermissions.orEmpty()
        val expected = setOf(
            "ACCESS_NETWORK_STATE", "FOREGROUND_SERVICE", "FOREGROUND_SERVICE_REMOTE_MESSAGING", "INTERNET",
            "POST_NOTIFICATIONS", "READ_PHONE_NUMBERS", "READ_PHONE_STATE", "READ_SMS", "RECEIVE_BOOT_COMPLETED",
            "RECEIVE_MMS", "RECEIVE_SMS", "REQUEST_IGNORE_BATTERY_OPTIMIZATIONS", "SEND_SMS", "WAKE_LOCK",
        )
        assertEquals(expected, asked.map { it.removePrefix("android.permission.") }.toSet())
    }

    @Test
    fun `nothing is backed up and the app runs on Android 8`() {
        val info = packages.getApplicationInfo(app.packageName, 0)
        assertEquals(0, info.flags and ApplicationInfo.FLAG_ALLOW_BACKUP)
        assertEquals(26, info.minSdkVersion)
        assertEquals(35, info.targetSdkVersion)
        assertTrue(info.className.endsWith(".App"))
    }

    @Test
    fun `no data leaves the phone by a backup or a move, and no plain HTTP but to the gateway itself`() {
        val application = document("AndroidManifest.xml").getElementsByTagName("application").item(0) as Element
        assertEquals("@xml/data_extraction_rules", application.getAttribute("android:dataExtractionRules"))
        assertEquals("@xml/network_security_config", application.getAttribute("android:networkSecurityConfig"))
        assertEquals("false", application.getAttribute("android:allowBackup"))
        val rules = document("res/xml/data_extraction_rules.xml").documentElement
        val domains = setOf("root", "file", "database", "sharedpref", "external") +
            setOf("root", "file", "database", "sharedpref").map { "device_$it" }
        for (way in listOf("cloud-backup", "device-transfer")) {
            val excluded = (rules.getElementsByTagName(way).item(0) as Element).getElementsByTagName("exclude").elements()
            assertEquals(way, domains, excluded.map { it.getAttribute("domain") }.toSet())
            assertTrue(way, excluded.all { it.getAttribute("path") == "." })
        }
        assertEquals("nothing is let out", 0, rules.getElementsByTagName("include").length)
        val network = document("res/xml/network_security_config.xml").documentElement
        val plain = network.getElementsByTagName("*").elements().filter { it.hasAttribute("cleartextTrafficPermitted") }
        assertEquals(
            listOf("base-config" to "false", "domain-config" to "true"),
            plain.map { it.tagName to it.getAttribute("cleartextTrafficPermitted") },
        )
        val hosts = network.getElementsByTagName("domain").elements()
        assertEquals(setOf("127.0.0.1", "localhost"), hosts.map { it.textContent }.toSet())
        assertTrue(hosts.all { it.getAttribute("includeSubdomains") == "false" })
    }

    /** As it stands in the sources. */
    private fun document(path: String) = DocumentBuilderFactory.newInstance().newDocumentBuilder()
        .parse(File(System.getProperty("basedir"), "src/main/$path"))

    private fun NodeList.elements() = (0 until length).map { item(it) as Element }

    private fun receiver(type: Class<*>) = packages.getReceiverInfo(ComponentName(app, type), 0)
}

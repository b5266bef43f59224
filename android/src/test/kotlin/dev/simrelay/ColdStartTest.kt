package dev.simrelay

import android.app.Application
import android.content.Intent
import dev.simrelay.running.GatewayService
import org.json.JSONArray
import org.json.JSONObject
import org.junit.After
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertNotNull
import org.junit.Assert.assertNull
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.Shadows.shadowOf
import java.nio.file.Files

/** A broadcast that starts the process: no service, no network, nothing open. */
@RunWith(ShellTestRunner::class)
class ColdStartTest {
    private val lab = Lab()

    @After
    fun stop() = lab.close()

    @Test
    fun `a message is kept without service and network, and goes out when both are there`() {
        lab.start()
        Receiver().use { receiver ->
            lab.webhook("sms:received", receiver)
            lab.stopService()
            lab.sms(listOf(Pdus.HOW_ARE_YOU))
            assertEquals(1, lab.app.core.status()!!.pending)
            assertFalse("no attempt outside service and job", lab.app.core.isStarted)
            receiver.assertNothing()
            lab.runService()
            lab.network(validated = true)
            assertEquals("How are you?", receiver.next().getJSONObject("payload").getString("message"))
        }
    }

    @Test
    fun `the first broadcast of a process opens the core and starts the service`() {
        lab.app.preferences.wanted = true
        lab.sms(listOf(Pdus.HOW_ARE_YOU))
        assertEquals(GatewayService::class.java.name, nextService()?.component?.className)
        assertTrue(lab.app.core.isOpen)
        assertTrue("kept by the core, not by the spool", lab.app.spool.isEmpty())
        assertTrue(JSONObject(NativeBridge.status()).getLong("lastReceivedAt") > 0)
    }

    @Test
    fun `who does not want the gateway to run gets the message kept and no service`() {
        lab.sms(listOf(Pdus.HOW_ARE_YOU))
        assertNull(nextService())
        assertTrue(JSONObject(NativeBridge.status()).getLong("lastReceivedAt") > 0)
    }

    @Test
    fun `what the core cannot keep is spooled, and taken in once at the next opening`() {
        lab.app.preferences.wanted = true
        // A file where the directory belongs: the store cannot be opened.
        val gateway = lab.app.filesDir.toPath().resolve("gateway")
        Files.write(gateway, byteArrayOf())
        lab.sms(listOf(Pdus.HOW_ARE_YOU)) { putExtra("slot", 1) }
        assertFalse(lab.app.spool.isEmpty())
        assertEquals(GatewayService::class.java.name, nextService()?.component?.className)
        Files.delete(gateway)
        lab.start()
        assertTrue(lab.app.spool.isEmpty())
        val inbox = JSONArray(lab.call("GET", "/inbox", null, 200))
        assertEquals(1, inbox.length())
        assertEquals("How are you?", inbox.getJSONObject(0).getString("contentPreview"))
        assertEquals(2, inbox.getJSONObject(0).getInt("simNumber"))
    }

    @Test
    fun `a broadcast does not bring an older store up to date, and its message is kept all the same`() {
        lab.firstStartedIn2023()
        lab.app.preferences.wanted = true
        lab.sms(listOf(Pdus.HOW_ARE_YOU))
        assertFalse("written down", lab.app.spool.isEmpty())
        assertEquals(GatewayService::class.java.name, nextService()?.component?.className)
        lab.start()
        assertTrue(lab.app.spool.isEmpty())
        assertEquals(1, JSONArray(lab.call("GET", "/inbox", null, 200)).length())
    }

    @Test
    fun `a core that does not answer holds up a broadcast for five seconds, and the message is kept once`() {
        lab.app.preferences.wanted = true
        val begun = System.nanoTime()
        synchronized(lab.app.core) {
            // Opening waits for this lock, as it would for a slow migration.
            lab.sms(listOf(Pdus.HOW_ARE_YOU))
            val seconds = (System.nanoTime() - begun) / 1_000_000_000
            assertTrue("it took $seconds s", seconds in 4..8)
            assertFalse("written down", lab.app.spool.isEmpty())
            assertEquals(GatewayService::class.java.name, nextService()?.component?.className)
        }
        lab.eventually("the core has it at last") { lab.app.core.isOpen && lab.app.spool.isEmpty() }
        lab.start()
        assertEquals(1, JSONArray(lab.call("GET", "/inbox", null, 200)).length())
    }

    @Test
    fun `a broadcast does not wait for what others left in the spool`() {
        synchronized(lab.app.spool) {
            // Taking it in waits for this lock, as it would for a long queue.
            val begun = System.nanoTime()
            lab.sms(listOf(Pdus.HOW_ARE_YOU))
            assertTrue("at once", System.nanoTime() - begun < 4_000_000_000)
            assertTrue("kept by the core, not by the spool", lab.app.spool.isEmpty())
        }
    }

    @Test
    fun `a message that is kept brings in what was spooled before`() {
        val gateway = lab.app.filesDir.toPath().resolve("gateway")
        Files.write(gateway, byteArrayOf())
        lab.sms(listOf(Pdus.HOW_ARE_YOU))
        assertFalse(lab.app.spool.isEmpty())
        Files.delete(gateway)
        lab.sms(listOf(Pdus.HOW_ARE_YOU))
        lab.eventually("nothing is left in the spool") { lab.app.spool.isEmpty() }
        lab.start()
        assertEquals(2, JSONArray(lab.call("GET", "/inbox", null, 200)).length())
    }

    @Test
    fun `a store that cannot be opened is told to the owner, and the service lives on`() {
        lab.app.preferences.wanted = true
        Files.write(lab.app.filesDir.toPath().resolve("gateway"), byteArrayOf())
        lab.runService()
        assertTrue(lab.app.starter.running)
        val problem = lab.problem()
        assertTrue("$problem", problem!!.startsWith("Not working: "))
        Files.delete(lab.app.filesDir.toPath().resolve("gateway"))
        lab.runService()
        assertNull(lab.problem())
    }

    @Test
    fun `a problem is not shown any more when the owner says stop`() {
        lab.app.preferences.wanted = true
        Files.write(lab.app.filesDir.toPath().resolve("gateway"), byteArrayOf())
        lab.runService()
        assertNotNull(lab.problem())
        lab.runService(GatewayService.stop(lab.app))
        lab.stopService()
        assertNull(lab.problem())
    }

    private fun nextService(): Intent? = shadowOf(lab.app as Application).nextStartedService
}

package dev.simrelay

import android.Manifest.permission.READ_SMS
import android.app.Application
import android.content.Intent
import android.provider.Telephony.Sms.Intents
import org.junit.After
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.Shadows.shadowOf
import org.robolectric.android.controller.ContentProviderController
import org.robolectric.annotation.Config
import org.robolectric.shadows.ShadowContentResolver
import org.robolectric.util.ReflectionHelpers
import java.lang.management.ManagementFactory
import java.nio.file.Files
import java.nio.file.Paths
import java.time.Duration
import java.time.Instant
import javax.management.ObjectName

/** Ten thousand messages in a row: the library must leave nothing behind in the JVM, nor memory of its own. */
@RunWith(ShellTestRunner::class)
@Config(sdk = [34])
class ManyBroadcastsTest {
    private val lab = Lab()

    @After
    fun stop() = lab.close()

    @Test
    fun `ten thousand broadcasts are ten thousand messages, and leave no reference, thread or memory behind`() {
        // -Xcheck:jni complains of local references that pile up within a call, and the build fails on that.
        take(2_000)
        val before = Left()
        take(8_000)
        val after = Left()
        assertTrue("global references: $after after $before", after.globals <= before.globals + 2)
        assertTrue("$after after $before", after.threads <= before.threads + 2)
        assertTrue("heap: $after after $before", after.heap < before.heap + 4_096)
        assertTrue("beside the heap: $after after $before", after.beside < before.beside + 49_152)
        assertTrue(lab.app.spool.isEmpty())
        lab.start()
        assertEquals("10000", lab.total("/inbox"))
    }

    @Test
    fun `a message of very many parts holds one reference at a time`() {
        val text = "0123456789".repeat(250)
        lab.sms(Pdus.ucs2(text, units = 10))
        lab.start()
        assertTrue(text in lab.call("GET", "/inbox", null, 200))
    }

    @Test
    fun `calls back leave nothing behind, neither those that answer nor those that throw`() {
        shadowOf(lab.app as Application).grantPermissions(READ_SMS)
        val provider = ContentProviderController.of(SmsProvider()).create("sms").get()
        ShadowContentResolver.registerProviderInternal("sms", provider)
        provider.keep("kept", received = Instant.now() - Duration.ofHours(1))
        lab.app.core.open(mayMigrate = true)
        fun look(times: Int) = repeat(times) {
            provider.problem = if (it % 2 == 0) null else IllegalStateException("broken")
            val failed = runCatching { NativeBridge.reconcile() }.isFailure
            assertEquals(provider.problem != null, failed)
        }
        look(100)
        val before = Left()
        look(2_000)
        val after = Left()
        assertTrue("global references: $after after $before", after.globals <= before.globals + 2)
        assertTrue("$after after $before", after.threads <= before.threads + 2)
        provider.shutdown()
    }

    /** To the manifest's receiver, one after the other. Robolectric remembers every broadcast, so that is cleared. */
    private fun take(count: Int) = repeat(count) { number ->
        val intent = Intent(Intents.SMS_RECEIVED_ACTION).setClassName(lab.app, receiver)
        lab.deliver(intent.putExtra("pdus", arrayOf(Pdus.HOW_ARE_YOU)).putExtra("format", "3gpp").putExtra("slot", 0))
        if (number % 200 == 199) ReflectionHelpers.callInstanceMethod<Unit>(shadowOf(lab.app), "clearBroadcastIntents")
    }

    private val receiver by lazy {
        lab.app.packageManager.queryBroadcastReceivers(Intent(Intents.SMS_RECEIVED_ACTION), 0).single().activityInfo.name
    }

    /** What is in use when all that is garbage is gone: sizes in kB, and the JVM's own count of global references. */
    private class Left {
        val heap: Long
        val beside: Long
        val threads: Int
        val globals: Int

        init {
            repeat(3) { System.gc() }
            val runtime = Runtime.getRuntime()
            heap = (runtime.totalMemory() - runtime.freeMemory()) / 1_024
            beside = residentOutside(HEAP.find(diagnose("gcHeapInfo"))!!.destructured)
            threads = Thread.getAllStackTraces().size
            globals = GLOBALS.find(diagnose("threadPrint"))!!.groupValues[1].toInt()
        }

        /** The memory of the process without the heap, of which the JVM touches more or less as it likes. */
        private fun residentOutside(heap: MatchResult.Destructured): Long {
            val (start, end) = heap.toList().map { it.toULong(16) }
            var counts = true
            return Files.readAllLines(Paths.get("/proc/self/smaps")).sumOf { line ->
                MAPPING.find(line)?.let { counts = it.groupValues[1].toULong(16) !in start until end }
                if (counts && line.startsWith("Rss:")) line.filter(Char::isDigit).toLong() else 0L
            }
        }

        private fun diagnose(what: String): String {
            val command = ObjectName("com.sun.management:type=DiagnosticCommand")
            val arguments = arrayOf<Any>(emptyArray<String>())
            return ManagementFactory.getPlatformMBeanServer()
                .invoke(command, what, arguments, arrayOf(Array<String>::class.java.name)) as String
        }

        override fun toString() = "heap $heap kB, beside it $beside kB, $threads threads, $globals global references"

        private companion object {
            val GLOBALS = Regex("JNI global refs: ([0-9]+)")
            val HEAP = Regex("""\[0x([0-9a-f]+), 0x([0-9a-f]+)\)""")
            val MAPPING = Regex("""^([0-9a-f]+)-[0-9a-f]+ """)
        }
    }
}

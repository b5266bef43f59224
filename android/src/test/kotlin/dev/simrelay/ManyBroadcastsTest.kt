package dev.simrelay

import org.junit.After
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config
import org.robolectric.util.ReflectionHelpers
import java.lang.management.ManagementFactory
import java.nio.file.Files
import java.nio.file.Paths
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
        assertEquals("global references", before.globals, after.globals)
        assertTrue("$after after $before", after.threads <= before.threads + 2)
        assertTrue("heap: $after after $before", after.heap < before.heap + 4_096)
        assertTrue("process: $after after $before", after.resident < before.resident + 49_152)
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

    /** Through the manifest's receiver, one after the other. Robolectric remembers every broadcast, so that is cleared. */
    private fun take(count: Int) = repeat(count) { number ->
        lab.sms(listOf(Pdus.HOW_ARE_YOU)) { putExtra("slot", 0) }
        if (number % 200 == 199) ReflectionHelpers.callInstanceMethod<Unit>(shadowOf(lab.app), "clearBroadcastIntents")
    }

    /** What is in use when all that is garbage is gone: sizes in kB, and the JVM's own count of global references. */
    private class Left {
        val heap: Long
        val resident: Long
        val threads: Int
        val globals: String

        init {
            repeat(3) { System.gc() }
            val runtime = Runtime.getRuntime()
            heap = (runtime.totalMemory() - runtime.freeMemory()) / 1_024
            val status = Files.readAllLines(Paths.get("/proc/self/status")).first { it.startsWith("VmRSS") }
            resident = status.filter { it.isDigit() }.toLong() - runtime.totalMemory() / 1_024
            threads = Thread.getAllStackTraces().size
            val command = ObjectName("com.sun.management:type=DiagnosticCommand")
            val arguments = arrayOf<Any>(emptyArray<String>())
            val dump = ManagementFactory.getPlatformMBeanServer()
                .invoke(command, "threadPrint", arguments, arrayOf(Array<String>::class.java.name)) as String
            globals = dump.lines().single { it.startsWith("JNI global refs") }
        }

        override fun toString() = "heap $heap kB, beside it $resident kB, $threads threads, $globals"
    }
}

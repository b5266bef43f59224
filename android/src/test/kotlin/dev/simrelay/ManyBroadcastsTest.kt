package dev.simrelay

import android.content.Intent
import android.provider.Telephony.Sms.Intents
import dev.simrelay.receiving.Extras
import dev.simrelay.receiving.Fact
import org.junit.After
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.annotation.Config
import java.nio.file.Files
import java.nio.file.Paths

/** Ten thousand messages in a row: the library must leave nothing behind in the JVM, nor memory of its own. */
@RunWith(ShellTestRunner::class)
@Config(sdk = [34])
class ManyBroadcastsTest {
    private val lab = Lab()

    @After
    fun stop() = lab.close()

    @Test
    fun `memory stays flat over ten thousand broadcasts`() {
        // -Xcheck:jni complains of local references that pile up, and the build fails on that.
        lab.app.core.open(mayMigrate = true)
        repeat(2_000) { take() }
        val before = memory()
        repeat(8_000) { take() }
        val after = memory()
        assertTrue("heap grew from ${before.first} to ${after.first} kB", after.first < before.first + 4_096)
        assertTrue("process grew from ${before.second} to ${after.second} kB", after.second < before.second + 49_152)
        assertTrue(lab.app.spool.isEmpty())
    }

    /** All that a broadcast does but Robolectric's own part, which remembers every broadcast. */
    private fun take() {
        val intent = Intent(Intents.SMS_RECEIVED_ACTION)
            .putExtra("pdus", arrayOf(Pdus.HOW_ARE_YOU)).putExtra("format", "3gpp").putExtra("slot", 0)
        lab.app.core.receive(Extras.sms(intent, Fact.Kind.SMS)!!)
    }

    /** The JVM's heap in use and the process's resident memory beside the heap, in kB. */
    private fun memory(): Pair<Long, Long> {
        repeat(3) { System.gc() }
        val runtime = Runtime.getRuntime()
        val heap = (runtime.totalMemory() - runtime.freeMemory()) / 1_024
        val resident = Files.readAllLines(Paths.get("/proc/self/status")).first { it.startsWith("VmRSS") }
        return heap to resident.filter { it.isDigit() }.toLong() - runtime.totalMemory() / 1_024
    }
}

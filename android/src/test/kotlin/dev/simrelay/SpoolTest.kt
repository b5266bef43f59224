package dev.simrelay

import dev.simrelay.receiving.InboundFact
import dev.simrelay.receiving.Spool
import org.junit.Assert.assertEquals
import org.junit.Assert.assertThrows
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RuntimeEnvironment
import org.robolectric.shadows.ShadowLog
import java.io.IOException
import java.nio.file.Files
import java.nio.file.Path
import java.nio.file.attribute.FileTime

@RunWith(ShellTestRunner::class)
class SpoolTest {
    private val directory: Path = RuntimeEnvironment.getApplication().filesDir.toPath().resolve("spool")
    private val spool = Spool(directory)
    private val told = mutableListOf<String>()

    @Test
    fun `a message that the core cannot take is set aside and keeps back none behind it`() {
        val failures = listOf(AssertionError("a panic over 'your code is 4711'"), IllegalArgumentException("refused"))
        for (failure in failures) {
            write("1-bad", "2-good")
            take { if (it == "1-bad") throw failure }
            assertEquals("$failure", listOf("2-good"), told)
            assertEquals(listOf("1-bad.fact.unreadable"), files())
            Files.delete(directory.resolve("1-bad.fact.unreadable"))
        }
        val logged = ShadowLog.getLogsForTag(TAG)
        assertEquals(2, logged.count { "is set aside" in it.msg })
        assertTrue(logged.none { "4711" in "${it.msg} ${it.throwable}" })
    }

    @Test
    fun `what cannot be kept now stays, and is told the next time`() {
        for (failure in listOf(IllegalStateException("the disk is full"), IOException("no descriptor is left"))) {
            write("1", "2")
            assertThrows(failure.javaClass) { take { throw failure } }
            assertEquals(listOf("1.fact", "2.fact"), files())
            take {}
            assertEquals(listOf("1", "2"), told)
            assertTrue(spool.isEmpty())
        }
    }

    @Test
    fun `a message that cannot be written leaves nothing half behind`() {
        // In the place of the file that it is to become.
        Files.createDirectories(directory.resolve("1.fact/taken"))
        assertThrows(IOException::class.java) { spool.write(fact("1")) }
        assertEquals(listOf("1.fact"), files())
    }

    /** In this order, which the time of the files tells. */
    private fun write(vararg keys: String) = keys.forEachIndexed { index, key ->
        spool.write(fact(key))
        Files.setLastModifiedTime(directory.resolve("$key.fact"), FileTime.fromMillis(1_000L * index))
    }

    private fun take(tell: (String) -> Unit) {
        told.clear()
        spool.takeIn {
            tell(it.key)
            told += it.key
        }
    }

    private fun fact(key: String) = InboundFact(InboundFact.Kind.SMS, "3gpp", listOf(Pdus.HOW_ARE_YOU), slot = 0, subscription = -1, key = key)

    private fun files() = directory.toFile().list().orEmpty().sorted()
}

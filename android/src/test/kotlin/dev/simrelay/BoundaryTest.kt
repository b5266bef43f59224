package dev.simrelay

import android.util.Log
import org.junit.After
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertThrows
import org.junit.Assert.assertTrue
import org.junit.Before
import org.junit.Test
import org.junit.runner.RunWith
import org.json.JSONArray
import org.robolectric.shadows.ShadowLog
import java.util.concurrent.LinkedBlockingQueue
import java.util.concurrent.TimeUnit

/** What goes wrong in the library is an exception with its text, and the library goes on. */
@RunWith(ShellTestRunner::class)
class BoundaryTest {
    private val lab = Lab()

    @Before
    fun start() {
        lab.start()
        lab.network(validated = true)
    }

    @After
    fun stop() = lab.close()

    @Test
    fun `a panic is an AssertionError with its text, and nothing is broken by it`() = Receiver().use { receiver ->
        lab.webhook("sms:received", receiver)
        val thrown = LinkedBlockingQueue<Throwable>()
        // The library calls this on a thread of its runtime, and there no native may wait for that
        // runtime: the runtime panics. No correct caller does so, which makes it a bug to be told.
        val wrong: (Boolean) -> Unit = { pending ->
            if (!pending) thrown += runCatching { NativeBridge.setAccess("{}") }.exceptionOrNull() ?: IllegalStateException("none")
        }
        lab.app.deliveries.listen(wrong)
        lab.sms(listOf(Pdus.HOW_ARE_YOU))
        receiver.next()
        val panic = thrown.poll(30, TimeUnit.SECONDS)
        lab.app.deliveries.forget(wrong)
        assertEquals("$panic", AssertionError::class.java, panic!!.javaClass)
        assertTrue("${panic.message}", panic.message!!.startsWith("Cannot start a runtime from within a runtime."))
        assertTrue("the panic shows where it was called", panic.stackTrace.any { it.methodName == "setAccess" })
        lab.sms(listOf(Pdus.HOW_ARE_YOU))
        receiver.next()
        assertEquals(2, JSONArray(lab.call("GET", "/inbox", null, 200)).length())
    }

    @Test
    fun `a panic's text, which may quote a message, is neither logged nor shown`() {
        val panic = AssertionError("unreadable: 'your code is 4711'")
        lab.app.workers.control("the test") { throw panic }
        lab.app.workers.control("the test") { throw IllegalStateException(panic) }
        lab.app.state.failed(panic)
        lab.settle()
        val logged = ShadowLog.getLogsForTag(TAG).joinToString("\n") { "${it.msg} ${Log.getStackTraceString(it.throwable)}" }
        assertFalse(logged, "4711" in logged)
        assertTrue(logged, "the test failed" in logged && "java.lang.AssertionError" in logged)
        assertTrue("where it was is told", BoundaryTest::class.java.name in logged)
        assertEquals("Not working: AssertionError Retrying.", lab.problem())
        lab.app.state.recovered()
    }

    @Test
    fun `a wrong argument says what is wrong with it, and never what it was`() {
        val rows: List<Pair<String, () -> Unit>> = listOf(
            "access must be an object" to { NativeBridge.setAccess("""{"password":4711}""") },
            "message: wrong at line 1" to { NativeBridge.mmsDownloaded("""{"sender":4711}""", emptyArray(), "") },
            "recipient, part or parts is out of range" to { NativeBridge.partSent("4711", 0, -1, 1, 0, -1, 0) },
            "recipient, part or parts is out of range" to { NativeBridge.partReported3gpp2("4711", -1, 0, 1, 0, 0) },
            "This is not a whole 3GPP" to { NativeBridge.partReported("4711", 0, 0, 1, 0, byteArrayOf(1)) },
            "data must have as many elements" to { NativeBridge.mmsDownloaded("""{"sender":"4711"}""", arrayOf(byteArrayOf(1)), "") },
        )
        for ((beginning, call) in rows) {
            val error = assertThrows(IllegalArgumentException::class.java) { call() }
            assertTrue("${error.message}", error.message!!.startsWith(beginning))
            assertFalse("${error.message}", error.message!!.contains("4711"))
        }
    }

    @Test
    fun `what cannot be done now is an IllegalStateException with a sentence`() {
        val device = lab.app.device.json().toString()
        val callbacks = NativeCallbacks(lab.app.alarm, lab.app.deliveries, lab.app.smsInbox, lab.app.sender)
        val error = assertThrows(IllegalStateException::class.java) {
            NativeBridge.open(lab.app.filesDir.resolve("elsewhere").path, device, callbacks, true)
        }
        assertTrue("${error.message}", error.message!!.startsWith("The gateway is running on "))
    }
}

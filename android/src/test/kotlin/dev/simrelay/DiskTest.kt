package dev.simrelay

import android.app.Activity
import android.app.AlertDialog
import android.app.NotificationManager
import android.app.Notification
import android.view.View
import android.widget.EditText
import dev.simrelay.running.Notifications
import dev.simrelay.setup.AccessDialog
import org.junit.After
import org.junit.Assert.assertEquals
import org.junit.Assert.assertNotNull
import org.junit.Assert.assertNull
import org.junit.Assert.assertTrue
import org.junit.Assume.assumeTrue
import org.junit.Before
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.Robolectric
import org.robolectric.Shadows.shadowOf
import org.robolectric.shadows.ShadowAlertDialog
import org.robolectric.shadows.ShadowToast
import java.io.IOException
import java.nio.file.Files
import java.nio.file.Path
import java.nio.file.StandardOpenOption.APPEND
import java.nio.file.StandardOpenOption.CREATE

/**
 * A disk of three megabytes for the gateway alone, which can be filled. Root may mount it, and anybody under
 * `unshare -Urm`, as `cargo xtask` runs Maven. Elsewhere the test is skipped, but fails under `CI=true`.
 */
class SmallDisk(private val directory: Path) : AutoCloseable {
    private val filler = directory.resolve("filler")

    init {
        Files.createDirectories(directory)
        val complaint = run("mount", "-t", "tmpfs", "-o", "size=3m", "none")
        if (System.getenv("CI") == "true") assertNull("a small disk cannot be mounted", complaint)
        assumeTrue("SKIPPED, because a small disk cannot be mounted: $complaint", complaint == null)
    }

    fun fill() {
        var size = 1 shl 20
        while (size >= 1 shl 10) {
            try {
                Files.write(filler, ByteArray(size), CREATE, APPEND)
            } catch (_: IOException) {
                size /= 2
            }
        }
    }

    fun makeRoom() = Files.delete(filler)

    /** Lazily, because the database may still be open. */
    override fun close() = assertNull(run("umount", "--lazy"))

    /** What it complains of, if it fails. */
    private fun run(vararg command: String): String? {
        val process = ProcessBuilder(*command, "$directory").redirectErrorStream(true).start()
        val complaint = process.inputStream.readBytes().decodeToString()
        return complaint.takeIf { process.waitFor() != 0 }
    }
}

@RunWith(ShellTestRunner::class)
class DiskTest {
    private val lab = Lab()
    private val receiver = Receiver()
    private val disk = SmallDisk(lab.app.filesDir.toPath().resolve("gateway"))

    @Before
    fun start() {
        lab.start()
        lab.network(validated = true)
        lab.webhook("sms:received", receiver)
    }

    @After
    fun stop() {
        lab.close()
        disk.close()
        receiver.close()
    }

    @Test
    fun `on a full disk a message is written down, told to the owner, and goes out when there is room`() {
        val sent = sendUntil { !lab.app.spool.isEmpty() }
        lab.eventually("the owner is told") { lab.problem() == lab.app.getString(R.string.state_unwritable) }
        disk.makeRoom()
        lab.sms(Pdus.ucs2("the last", units = 60))
        assertAllArrive(sent + "the last")
        lab.eventually("nothing is left in the spool") { lab.app.spool.isEmpty() }
        lab.eventually("the problem is over") { lab.problem() == null }
        assertNull(lost())
    }

    @Test
    fun `a message that cannot be written down either ends its broadcast, and the owner is told until they know`() {
        // A file where the directory belongs.
        Files.write(lab.app.filesDir.toPath().resolve("spool"), byteArrayOf())
        val sent = sendUntil { lost() != null }
        assertEquals(lab.app.getString(R.string.state_lost), lost()!!.extras.getString(Notification.EXTRA_TEXT))
        Files.delete(lab.app.filesDir.toPath().resolve("spool"))
        disk.makeRoom()
        lab.sms(Pdus.ucs2("the last", units = 60))
        assertAllArrive(sent.dropLast(1) + "the last")
        lab.eventually("all else is well") { lab.problem() == null }
        assertNotNull("still there", lost())
    }

    @Test
    fun `access that cannot be changed is told in words`() {
        sendUntil { !lab.app.spool.isEmpty() }
        val screen = Robolectric.buildActivity(Activity::class.java).setup().get()
        AccessDialog(screen, lab.app, lab.app.core.status()!!) {}.show()
        val dialog = ShadowAlertDialog.getLatestAlertDialog()
        val fields = dialog.window!!.decorView.findViewsOf<EditText>()
        fields.single { it.hint == lab.app.getString(R.string.password) }.setText("another password")
        dialog.getButton(AlertDialog.BUTTON_POSITIVE).performClick()
        lab.settle()
        assertEquals(lab.app.getString(R.string.access_failed), ShadowToast.getTextOfLatestToast())
        disk.makeRoom()
    }

    private inline fun <reified T : View> View.findViewsOf(): List<T> {
        val found = ArrayList<View>()
        addTouchables(found)
        return found.filterIsInstance<T>()
    }

    /** Fills the disk and sends until it is so; what was sent. SQLite has some room of its own at first. */
    private fun sendUntil(full: () -> Boolean): List<String> {
        disk.fill()
        val sent = mutableListOf<String>()
        while (!full()) {
            sent += "${sent.size} ".repeat(500)
            assertTrue("the disk does not get full", sent.size < 500)
            lab.sms(Pdus.ucs2(sent.last(), units = 60))
        }
        return sent
    }

    /** An attempt whose end could not be written is made again, so that some may come twice. */
    private fun assertAllArrive(texts: List<String>) {
        val missing = texts.toMutableSet()
        while (missing.isNotEmpty()) {
            val text = receiver.next().getJSONObject("payload").getString("message")
            assertTrue("nobody sent this", text in texts)
            missing -= text
        }
        assertEquals("${texts.size}", lab.total("/inbox"))
    }

    private fun lost(): Notification? =
        shadowOf(lab.app.service<NotificationManager>()).getNotification(Notifications.LOST)
}

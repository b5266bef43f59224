package dev.simrelay

import android.app.Activity
import android.app.Application
import android.app.job.JobInfo
import android.app.job.JobParameters
import android.app.job.JobScheduler
import android.content.Intent
import android.provider.Settings
import dev.simrelay.receiving.InboundFact
import dev.simrelay.running.DrainJob
import dev.simrelay.running.DrainJobs
import dev.simrelay.running.GatewayService
import dev.simrelay.running.WakeReceiver
import dev.simrelay.sending.Part
import dev.simrelay.sending.PartIntents
import dev.simrelay.sending.SendResultReceiver
import org.junit.After
import org.junit.Assert.assertArrayEquals
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertNull
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.Robolectric
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config
import org.robolectric.util.ReflectionHelpers
import java.nio.file.Files
import java.time.Instant

/** Results that come when nothing runs, or when the core cannot be opened. */
@RunWith(ShellTestRunner::class)
@Config(shadows = [Radio::class])
class SendingColdTest {
    private val phone = SendingLab()
    private val lab = phone.lab

    @After
    fun stop() = phone.close()

    private fun nextService(): String? = shadowOf(lab.app as Application).nextStartedService?.component?.className

    /** The intent of the one part of a message that this process never heard of. */
    private fun result(messageId: String) = Intent(lab.app, SendResultReceiver::class.java)
        .setAction(PartIntents.ACTION_SENT).setData(Part(messageId, 0, 0, 1, 1).address())

    @Test
    fun `a result without a service is kept, and its webhook goes out at the next start`() {
        phone.start("sms:sent")
        val id = phone.text()
        val call = Radio.next()
        phone.reaches(id, "Processed")
        lab.stopService()
        shadowOf(lab.app as Application).clearStartedServices()
        phone.fire(call.sent.single())
        assertEquals(GatewayService::class.java.name, nextService())
        assertEquals(1, lab.app.core.status()!!.pending)
        phone.receiver.assertNothing()
        lab.runService()
        lab.network(validated = true)
        assertEquals(id, phone.event("sms:sent").getString("messageId"))
    }

    @Test
    fun `the first result of a process opens the core and starts the service`() {
        lab.app.preferences.wanted = true
        lab.deliver(result("of-before"), Activity.RESULT_OK)
        assertTrue(lab.app.core.isOpen)
        assertTrue(lab.app.spool.isEmpty())
        assertEquals(GatewayService::class.java.name, nextService())
    }

    @Test
    fun `a broadcast that is no result does nothing`() {
        lab.app.preferences.wanted = true
        lab.deliver(Intent(lab.app, SendResultReceiver::class.java))
        lab.deliver(Intent(lab.app, SendResultReceiver::class.java).setAction("other"))
        assertFalse(lab.app.core.isOpen)
        assertNull(nextService())
        lab.deliver(result("x").setData(null))
        assertTrue("nothing is left for later", lab.app.spool.isEmpty())
    }

    @Test
    fun `a result that the core cannot keep is spooled and taken in at the next opening`() {
        lab.app.preferences.wanted = true
        val gateway = lab.app.filesDir.toPath().resolve("gateway")
        Files.write(gateway, byteArrayOf())
        lab.deliver(result("of-before"), Activity.RESULT_OK)
        assertFalse(lab.app.spool.isEmpty())
        assertEquals(GatewayService::class.java.name, nextService())
        Files.delete(gateway)
        lab.start()
        assertTrue(lab.app.spool.isEmpty())
    }

    @Test
    fun `what was spooled has its effect`() {
        phone.start("sms:sent", "sms:delivered")
        val id = phone.text()
        Radio.next()
        phone.reaches(id, "Processed")
        lab.stopService()
        val address = Part(id, 0, 0, 1, 1).address().toString()
        fun fact(kind: InboundFact.Kind, pdus: List<ByteArray>) =
            InboundFact(kind, "3gpp", pdus, -1, -1, "key-$kind", InboundFact.Result(address, Activity.RESULT_OK, 0))
        lab.app.spool.write(fact(InboundFact.Kind.PART_SENT, emptyList()))
        lab.app.spool.write(fact(InboundFact.Kind.PART_REPORTED, listOf(Pdus.statusReport(0x00))))
        lab.runService()
        lab.network(validated = true)
        val events = List(2) { phone.receiver.next().getString("event") }
        assertEquals(setOf("sms:sent", "sms:delivered"), events.toSet())
        assertTrue(lab.app.spool.isEmpty())
    }

    @Test
    fun `a core that does not answer holds up a result for five seconds, and it counts once`() {
        phone.start("sms:failed")
        val id = phone.text()
        val call = Radio.next()
        phone.reaches(id, "Processed")
        val begun = System.nanoTime()
        synchronized(lab.app.core) {
            phone.fail(call.sent.single())
            val seconds = (System.nanoTime() - begun) / 1_000_000_000
            assertTrue("it took $seconds s", seconds in 4..8)
            assertFalse("written down", lab.app.spool.isEmpty())
        }
        assertEquals(id, phone.event("sms:failed").getString("messageId"))
        lab.eventually("the core has it at last") { lab.app.spool.isEmpty() }
        phone.receiver.assertNothing()
    }

    @Test
    fun `a spooled result is read as it was written`() {
        val written = InboundFact(
            InboundFact.Kind.PART_REPORTED, "3gpp2", listOf(byteArrayOf(1, 2)), -1, -1, "key", InboundFact.Result("simrelay://part/a/1/2/3?sim=2", -1, 38),
        )
        val read = InboundFact.decode(written.encode())
        assertEquals(written.kind, read.kind)
        assertEquals(written.format, read.format)
        assertArrayEquals(written.pdus.single(), read.pdus.single())
        assertEquals("simrelay://part/a/1/2/3?sim=2", read.result!!.address)
        assertEquals(-1, read.result.code)
        assertEquals(38, read.result.cause)
        assertEquals(Part("a", 1, 2, 3, 2), Part.at(read.result.address))
    }

    @Test
    fun `an address that is none is of no part`() {
        val wrong = listOf(
            "", "simrelay://part/a/1/2/3", "simrelay://part/a/1/2?sim=1", "simrelay://part/a/1/2/x?sim=1",
            "other://part/a/1/2/3?sim=1", "simrelay://other/a/1/2/3?sim=1",
        )
        for (address in wrong) {
            assertNull(address, Part.at(address))
        }
    }

    @Test
    @Config(application = RefusingApp::class)
    fun `where the service is refused a job sends what is due, and waits for no internet`() {
        phone.start()
        val at = Instant.now().plusSeconds(10)
        phone.post("""{"textMessage":{"text":"later"},"scheduleAt":"$at"}""")
        lab.stopService()
        assertFalse(lab.app.core.status()!!.unsent)
        lab.eventually("it is due") { lab.app.core.status()!!.unsent }
        Radio.assertNothing()
        // As the alarm does.
        lab.deliver(Intent(lab.app, WakeReceiver::class.java))
        val jobs = lab.app.service<JobScheduler>()
        assertEquals(JobInfo.NETWORK_TYPE_ANY, jobs.getPendingJob(DrainJobs.DRAIN)!!.networkType)
        assertEquals(JobInfo.NETWORK_TYPE_NONE, jobs.getPendingJob(DrainJobs.SEND)!!.networkType)
        val job = Robolectric.buildService(DrainJob::class.java).create().get()
        val parameters = ReflectionHelpers.newInstance(JobParameters::class.java)
        ReflectionHelpers.setField(parameters, "jobId", DrainJobs.SEND)
        assertTrue(job.onStartJob(parameters))
        assertEquals("later", Radio.next().text)
        lab.eventually("the job ends") { shadowOf(job).isJobFinished }
        assertFalse("the phone may sleep", lab.app.wakeLock.isHeld)
    }

    @Test
    fun `the core is told which boot of the phone it is`() {
        Settings.Global.putInt(lab.app.contentResolver, Settings.Global.BOOT_COUNT, 7)
        assertEquals("7", lab.app.device.json().getString("boot"))
    }
}

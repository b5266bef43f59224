package dev.simrelay

import android.app.job.JobInfo
import android.app.job.JobParameters
import android.app.job.JobScheduler
import dev.simrelay.running.DrainJob
import dev.simrelay.running.DrainJobs
import org.junit.After
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertNotNull
import org.junit.Assert.assertNull
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.Robolectric
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config
import org.robolectric.util.ReflectionHelpers

@RunWith(ShellTestRunner::class)
@Config(application = RefusingApp::class)
class JobTest {
    private val lab = Lab()
    private val job = Robolectric.buildService(DrainJob::class.java).create().get()

    @After
    fun stop() = lab.close()

    @Test
    fun `where the service is refused the job delivers, without the API, and ends`() = Receiver().use { receiver ->
        lab.start()
        lab.webhook("sms:received", receiver)
        lab.stopService()
        lab.sms(listOf(Pdus.HOW_ARE_YOU))
        assertNotNull(lab.app.service<JobScheduler>().getPendingJob(DrainJobs.DRAIN))
        lab.online()
        assertTrue(job.onStartJob(parameters(DrainJobs.DRAIN)))
        assertEquals("How are you?", receiver.next().getJSONObject("payload").getString("message"))
        assertFalse("no API", lab.app.core.status()!!.serving)
        lab.eventually("the job ends") { shadowOf(job).isJobFinished }
        assertFalse(shadowOf(job).isRescheduleNeeded)
        assertFalse("no attempt after it", lab.app.core.isStarted)
        assertFalse(lab.app.wakeLock.isHeld)
    }

    @Test
    fun `a job that is cut short delivers the rest another time`() {
        lab.start()
        lab.stopService()
        assertTrue(job.onStartJob(parameters(DrainJobs.DRAIN)))
        lab.eventually("the job runs") { lab.app.core.isStarted }
        assertTrue("again, please", job.onStopJob(parameters(DrainJobs.DRAIN)))
        lab.settle()
        assertFalse(lab.app.core.isStarted)
        assertFalse(shadowOf(job).isJobFinished)
    }

    @Test
    fun `a job that ends leaves the core to the other that goes on`() {
        lab.start()
        lab.stopService()
        assertTrue(job.onStartJob(parameters(DrainJobs.DRAIN)))
        assertTrue(job.onStartJob(parameters(DrainJobs.SEND)))
        lab.eventually("the jobs run") { lab.app.core.isStarted }
        assertTrue(job.onStopJob(parameters(DrainJobs.DRAIN)))
        lab.settle()
        assertTrue("the other goes on", lab.app.core.isStarted)
        assertTrue(job.onStopJob(parameters(DrainJobs.SEND)))
        lab.settle()
        assertFalse(lab.app.core.isStarted)
    }

    @Test
    fun `the job leaves the work to the service that runs`() {
        lab.start()
        assertFalse(job.onStartJob(parameters(DrainJobs.DRAIN)))
        assertTrue(lab.app.core.isStarted)
    }

    @Test
    fun `a job that runs offline is followed by one that waits for internet`() = Receiver().use { receiver ->
        lab.start()
        lab.webhook("sms:received", receiver)
        lab.stopService()
        lab.sms(listOf(Pdus.HOW_ARE_YOU))
        val jobs = lab.app.service<JobScheduler>()
        for ((id, next) in listOf(DrainJobs.DRAIN to DrainJobs.AWAIT_INTERNET, DrainJobs.AWAIT_INTERNET to DrainJobs.DRAIN)) {
            jobs.cancelAll()
            run(id)
            val planned = jobs.allPendingJobs.single()
            assertEquals("none of those that run", next, planned.id)
            assertEquals(JobInfo.NETWORK_TYPE_ANY, planned.networkType)
            assertTrue("survives a reboot", planned.isPersisted)
        }
        receiver.assertNothing()
        lab.online()
        jobs.cancelAll()
        run(DrainJobs.AWAIT_INTERNET)
        receiver.next()
        assertEquals("nothing is left", emptyList<JobInfo>(), jobs.allPendingJobs)
        lab.app.jobs.awaitInternet(setOf(DrainJobs.DRAIN))
        lab.app.jobs.cancel()
        assertEquals(emptyList<JobInfo>(), jobs.allPendingJobs)
    }

    @Test
    fun `no job delivers after the owner said stop`() {
        lab.start()
        lab.stopService()
        lab.app.preferences.wanted = false
        assertFalse(job.onStartJob(parameters(DrainJobs.DRAIN)))
        lab.settle()
        assertFalse(lab.app.core.isStarted)
    }

    @Test
    fun `a service that runs cancels the jobs`() {
        lab.app.preferences.wanted = true
        lab.sms(listOf(Pdus.HOW_ARE_YOU))
        lab.start()
        assertNull(lab.app.service<JobScheduler>().getPendingJob(DrainJobs.DRAIN))
    }

    /** To its end. */
    private fun run(id: Int) {
        ReflectionHelpers.setField(shadowOf(job), "isJobFinished", false)
        assertTrue(job.onStartJob(parameters(id)))
        lab.eventually("the job ends") { shadowOf(job).isJobFinished }
        lab.settle()
    }

    private fun parameters(id: Int): JobParameters =
        ReflectionHelpers.newInstance(JobParameters::class.java).also { ReflectionHelpers.setField(it, "jobId", id) }
}

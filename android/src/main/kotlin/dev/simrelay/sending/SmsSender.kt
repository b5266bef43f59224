package dev.simrelay.sending

import android.app.PendingIntent
import android.telephony.SmsManager
import android.util.Log
import dev.simrelay.App
import dev.simrelay.Platform
import dev.simrelay.TAG
import org.json.JSONObject

/**
 * Hands messages to the phone's radio. The answer to each is JSON: `parts` and `sim`, or why the message was
 * `refused`.
 *
 * "Refused" must be sure, because the client may send it again, and a second SMS costs money. So it is said
 * of everything that goes wrong before the platform is called; and of what the platform throws only where
 * it does so before it takes anything: it may not (SecurityException), the message cannot be
 * (IllegalArgumentException), there is no such service (UnsupportedOperationException). After anything else
 * the message may be on its way. Then it counts as taken, and its results tell, or after an hour their absence.
 */
class SmsSender(private val app: App) {
    /** Whom a message is for. */
    class Recipient(val messageId: String, val index: Int, val phoneNumber: String)

    /** How many parts a text would have; 0 if nobody can say. */
    fun countParts(text: String, simNumber: Int): Int = try {
        manager(SendingSim.choose(app, simNumber)).divideMessage(text).size
    } catch (error: Exception) {
        // Sending it will tell why.
        Log.i(TAG, "the parts of a text cannot be counted: ${error.javaClass.name}")
        0
    }

    /** [reported]: the other network's report is wanted. */
    fun sendText(to: Recipient, text: String, simNumber: Int, reported: Boolean): String = answer {
        val sim = SendingSim.choose(app, simNumber)
        val manager = manager(sim)
        val parts = manager.divideMessage(text)
        val intents = intents(to, sim, parts.size, reported)
        HandOver(parts.size, sim) {
            if (parts.size == 1) {
                manager.sendTextMessage(to.phoneNumber, null, parts[0], intents.sent[0], intents.reported?.get(0))
            } else {
                manager.sendMultipartTextMessage(to.phoneNumber, null, parts, intents.sent, intents.reported)
            }
        }
    }

    fun sendData(to: Recipient, data: ByteArray, port: Int, simNumber: Int, reported: Boolean): String = answer {
        val sim = SendingSim.choose(app, simNumber)
        val manager = manager(sim)
        val intents = intents(to, sim, 1, reported)
        HandOver(1, sim) {
            // The platform reads the 16 bits of a port without their sign.
            val port16 = port.toShort()
            manager.sendDataMessage(to.phoneNumber, null, port16, data, intents.sent[0], intents.reported?.get(0))
        }
    }

    /** A message that is ready, and the one call that gives it away. */
    private class HandOver(val parts: Int, val sim: SendingSim, val call: () -> Unit)

    private class Intents(val sent: ArrayList<PendingIntent>, val reported: ArrayList<PendingIntent>?)

    private fun intents(to: Recipient, sim: SendingSim, parts: Int, reported: Boolean): Intents {
        val intents = PartIntents(app, to, sim.number)
        return Intents(intents.sent(parts), if (reported) intents.reported(parts) else null)
    }

    private fun manager(sim: SendingSim): SmsManager = Platform.smsManager(app, sim.subscription)

    private fun answer(prepare: () -> HandOver): String {
        val handOver = try {
            prepare()
        } catch (refused: Refused) {
            return refused(refused.refusal)
        } catch (_: SecurityException) {
            return refused(Refusal.NOT_PERMITTED)
        } catch (error: Throwable) {
            return platform(error)
        }
        try {
            handOver.call()
        } catch (_: SecurityException) {
            return refused(Refusal.NOT_PERMITTED)
        } catch (_: IllegalArgumentException) {
            return refused(Refusal.INVALID)
        } catch (error: UnsupportedOperationException) {
            return platform(error)
        } catch (error: Throwable) {
            Log.e(TAG, "the platform failed over a message; its results will tell", error)
        }
        return JSONObject().put("parts", handOver.parts).put("sim", handOver.sim.number).toString()
    }

    private fun platform(error: Throwable): String {
        Log.e(TAG, "a message could not be handed to the platform", error)
        return refused(Refusal.PLATFORM, error.javaClass.name)
    }

    private fun refused(refusal: Refusal, why: String = ""): String =
        JSONObject().put("refused", refusal.code).put("why", why).toString()
}

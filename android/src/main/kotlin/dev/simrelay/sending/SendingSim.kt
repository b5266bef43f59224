package dev.simrelay.sending

import android.telephony.SubscriptionManager
import android.telephony.TelephonyManager
import dev.simrelay.App

/** The SIM that sends: the platform's id of it, and our number (0: unknown). */
class SendingSim(val subscription: Int, val number: Int) {
    companion object {
        /**
         * The SIM of that number; for 0 the one that the owner chose for SMS, or the only one. Whether its
         * radio is on is not asked: over Wi-Fi it may send all the same.
         */
        fun choose(app: App, number: Int): SendingSim {
            val cards = app.device.sims.subscriptions()
            if (number > 0) {
                val card = (cards ?: throw Refused(Refusal.SIMS_HIDDEN))[number]
                return SendingSim(card ?: throw Refused(Refusal.NO_SUCH_SIM), number)
            }
            // The platform names this one even to those who may not see the cards.
            val chosen = SubscriptionManager.getDefaultSmsSubscriptionId()
            if (cards == null) {
                if (chosen >= 0) return SendingSim(chosen, 0)
                throw Refused(if (hasCard(app)) Refusal.NO_DEFAULT_SIM else Refusal.NO_SIM)
            }
            val card = cards.entries.find { it.value == chosen } ?: cards.entries.singleOrNull()
            if (card != null) return SendingSim(card.value, card.key)
            throw Refused(if (cards.isEmpty()) Refusal.NO_SIM else Refusal.NO_DEFAULT_SIM)
        }

        @Suppress("DEPRECATION")
        private fun hasCard(app: App): Boolean {
            val telephony = app.getSystemService(TelephonyManager::class.java) ?: return false
            return (0 until telephony.phoneCount).any { telephony.getSimState(it) > TelephonyManager.SIM_STATE_ABSENT }
        }
    }
}

/** Why the platform surely did not and will not send a message, in the words of the library. */
enum class Refusal(val code: String) {
    NOT_PERMITTED("notPermitted"),
    NO_SIM("noSim"),
    NO_SUCH_SIM("noSuchSim"),
    NO_DEFAULT_SIM("noDefaultSim"),
    SIMS_HIDDEN("simsHidden"),
    INVALID("invalid"),
    PLATFORM("platform"),
}

class Refused(val refusal: Refusal) : Exception(refusal.code)

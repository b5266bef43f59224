package dev.simrelay.receiving

import android.content.BroadcastReceiver
import android.content.Context
import android.content.Intent
import android.provider.Telephony.Sms.Intents
import dev.simrelay.App

/** An SMS came in. Only who holds BROADCAST_SMS, the phone's own telephony, can say so. */
class SmsReceiver : BroadcastReceiver() {
    override fun onReceive(context: Context, intent: Intent) {
        val kind = when (intent.action) {
            Intents.SMS_RECEIVED_ACTION -> InboundFact.Kind.SMS
            Intents.DATA_SMS_RECEIVED_ACTION -> InboundFact.Kind.DATA_SMS
            else -> return
        }
        val fact = Extras.sms(intent, kind) ?: return
        App.of(context).intake.take(fact, goAsync())
    }
}

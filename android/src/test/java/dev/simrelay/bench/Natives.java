package dev.simrelay.bench;

import dev.simrelay.NativeBridge;
import dev.simrelay.NativeCallbacks;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.lang.reflect.Field;
import java.util.HexFormat;
import java.util.UUID;
import sun.misc.Unsafe;

/**
 * The half of {@code cargo xtask bench natives} that runs on a virtual machine. Arguments: the library, a data directory.
 * For each line on the input, a count, it hands over that many messages and writes what each took, in nanoseconds.
 */
public final class Natives {
  private static final String DEVICE =
      "{\"name\":\"bench/bench\",\"zone\":\"UTC\",\"sims\":[{\"slotIndex\":0,\"simNumber\":1}],"
          + "\"battery\":{\"level\":80,\"charging\":\"no\"},\"network\":{\"online\":true,\"transport\":4,\"cellular\":0},"
          + "\"warnings\":[]}";
  /** "How are you?" from +31641600986. */
  private static final byte[] PDU =
      HexFormat.of().parseHex("07911326040000f0040b911346610089f60000208062917314080cc8f71d14969741f977fd07");

  private Natives() {}

  public static void main(String[] arguments) throws Exception {
    System.setProperty("simrelay.library", arguments[0]);
    NativeBridge.INSTANCE.open(arguments[1], DEVICE, callbacks(), true);
    BufferedReader counts = new BufferedReader(new InputStreamReader(System.in));
    for (String line = counts.readLine(); line != null; line = counts.readLine()) {
      StringBuilder took = new StringBuilder();
      for (int left = Integer.parseInt(line); left > 0; left--) {
        String key = UUID.randomUUID().toString();
        long start = System.nanoTime();
        NativeBridge.INSTANCE.smsReceived(new byte[][] {PDU}, 1, key);
        took.append(System.nanoTime() - start).append(' ');
      }
      System.out.println(took.toString().trim());
    }
  }

  /** An object that is never called, because nothing is delivered; its constructor wants a phone. */
  private static NativeCallbacks callbacks() throws ReflectiveOperationException {
    Field field = Unsafe.class.getDeclaredField("theUnsafe");
    field.setAccessible(true);
    return (NativeCallbacks) ((Unsafe) field.get(null)).allocateInstance(NativeCallbacks.class);
  }
}

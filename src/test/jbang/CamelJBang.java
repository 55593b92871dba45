import org.apache.camel.dsl.jbang.core.commands.CamelJBangMain;

/** Camel JBang without JBang: {@code java -cp 'target/jbang/lib/*' src/test/jbang/CamelJBang.java run …}. */
public class CamelJBang {
    public static void main(String... args) {
        CamelJBangMain.run(args);
    }
}
